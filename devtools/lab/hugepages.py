# SPDX-License-Identifier: BSD-3-Clause
"""Huge pages for the box, taken for a while and given back by whoever of several labs ends last."""

import contextlib
import fcntl
import os
import pathlib

from .namespace import LabError, call

POOL = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
RESERVE = pathlib.Path(__file__).resolve().parents[1] / "hugepages"
# How many there were before the first lab; each lab that runs holds a lock on it. One that was killed leaves
# it to the next.
BEFORE = pathlib.Path("/run/homeport-lab-hugepages")


@contextlib.contextmanager
def _alone():
    """A context that one process at a time is in."""
    folder = os.open(BEFORE.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


class HugePages:
    """A context in which enough huge pages are reserved; afterwards the pool is as large as before."""

    def __init__(self):
        self._users = None

    def __enter__(self):
        with _alone():
            self._users = open(BEFORE, "a+", encoding="utf-8")
            if self._is_only_user() and POOL.exists() and BEFORE.stat().st_size == 0:
                self._users.write(POOL.read_text())
                self._users.flush()
            fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            call(RESERVE)
        except LabError:
            self.__exit__()
            raise
        return self

    def _is_only_user(self):
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *_):
        with _alone(), self._users:
            if self._is_only_user():
                before = BEFORE.read_text()
                if POOL.read_text() != before:
                    POOL.write_text(before)
                BEFORE.unlink()
