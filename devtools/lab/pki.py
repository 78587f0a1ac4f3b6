# SPDX-License-Identifier: BSD-3-Clause
"""A certification authority and certificates, made by strongSwan's `pki`, for as long as a run lasts."""

import pathlib
import shutil
import subprocess
import tempfile

from .namespace import LabError

FOLDERS = {"x509ca": "ca.crt", "x509": "{}.crt", "private": "{}.key"}


def _pki(path, *argv, stdin=None):
    done = subprocess.run(["pki", *map(str, argv), "--outform", "pem"], input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        raise LabError(f"pki {' '.join(map(str, argv))}: {done.stderr.decode().strip()}")
    path.write_bytes(done.stdout)
    path.chmod(0o600)


class Pki:
    """An authority that everybody in a lab trusts. A certificate is made when it is first asked for."""

    def __init__(self, directory=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="homeport-pki-"))
        self.directory.mkdir(exist_ok=True)
        self._key("ca")
        _pki(self._path("ca.crt"), "--self", "--ca", "--in", self._path("ca.key"), "--type", "ecdsa",
             "--dn", "CN=Homeport lab CA", "--lifetime", 30)

    def _path(self, name):
        return self.directory / name

    def _key(self, name):
        _pki(self._path(f"{name}.key"), "--gen", "--type", "ecdsa", "--size", 256)

    def _issue(self, name):
        if self._path(f"{name}.crt").exists():
            return
        self._key(name)
        _pki(self._path(f"{name}.crt"), "--issue", "--cacert", self._path("ca.crt"), "--cakey", self._path("ca.key"),
             "--in", self._path(f"{name}.key"), "--type", "ecdsa", "--dn", f"CN={name}", "--san", name,
             "--flag", "serverAuth", "--lifetime", 30)

    def install(self, swanctl_directory, names):
        """Puts the certificates of these names, their keys and the authority where swanctl looks for them."""
        for name in names:
            self._issue(name)
            for folder, file in FOLDERS.items():
                (swanctl_directory / folder).mkdir(exist_ok=True)
                shutil.copy(self._path(file.format(name)), swanctl_directory / folder)

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)
