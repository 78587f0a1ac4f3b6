# SPDX-License-Identifier: BSD-3-Clause
"""Huge pages for the box, taken for a while and given back."""

import contextlib
import pathlib

from .namespace import call

POOL = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
RESERVE = pathlib.Path(__file__).resolve().parents[1] / "hugepages"


class HugePages:
    """A context in which enough huge pages are reserved; afterwards the pool is as large as before."""

    def __init__(self):
        self._before = None

    def __enter__(self):
        self._before = POOL.read_text() if POOL.exists() else None
        call(RESERVE)
        return self

    @contextlib.contextmanager
    def none_left(self):
        """A context in which no free huge page is left."""
        POOL.write_text("0\n")
        try:
            yield
        finally:
            call(RESERVE)

    def __exit__(self, *_):
        if POOL.read_text() != self._before:
            POOL.write_text(self._before)
