# SPDX-License-Identifier: BSD-3-Clause
"""The lab: Homeport, a mobile node and the networks between them, all in network namespaces of one machine.

`devtools/lab/run` (make run) tells its story; tests/e2e builds on the same parts.
"""
