# SPDX-License-Identifier: BSD-3-Clause
"""A client of DPDK's telemetry socket: one question, one JSON answer."""

import json
import shutil
import socket

from .namespace import RUNTIME


def runtime_directory(file_prefix):
    """Where an EAL of this file prefix keeps its sockets."""
    return RUNTIME / file_prefix


def remove_runtime_directory(file_prefix):
    """Removes what EAL leaves behind when it ends."""
    shutil.rmtree(runtime_directory(file_prefix), ignore_errors=True)


class Telemetry:
    """Questions to one DPDK process."""

    def __init__(self, file_prefix):
        self._path = runtime_directory(file_prefix) / "dpdk_telemetry.v2"

    def ask(self, command):
        """The answer to `command` ("/homeport/drops"), without its envelope; OSError when nobody listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(5)
            connection.connect(str(self._path))
            limit = json.loads(connection.recv(4096))["max_output_len"]
            connection.send(command.encode())
            return json.loads(connection.recv(limit + 4096))[command.split(",")[0]]
