# SPDX-License-Identifier: BSD-3-Clause
"""charon, strongSwan's IKE daemon, in a namespace of the lab: with our plugin, or as a mobile's."""

import contextlib
import pathlib
import shutil

from lab.box import build_directory
from lab.namespace import LabError, call, wait_until

INSTALLED_PLUGINS = pathlib.Path("/usr/lib/ipsec/plugins")
DAEMON = "/usr/sbin/charon-systemd"
PLUGIN = "libstrongswan-homeport.so"

SETTINGS = """
charon-systemd {{
    load_modular = yes
    install_routes = {routes}
    install_virtual_ip = {routes}
    retransmit_timeout = 1.0
    retransmit_tries = 3
    delete_rekeyed_delay = 1
    plugins {{
        include /etc/strongswan.d/charon/*.conf
        vici {{ socket = unix://{vici} }}
        updown {{ load = no }}
        resolve {{ load = no }}
        bypass-lan {{ load = no }}
        {plugins}
    }}
    filelog {{
        all {{
            path = {log}
            flush_line = yes
            default = 1
            knl = 2
        }}
    }}
}}
"""
GATEWAY_PLUGINS = """
        kernel-netlink {{ load = no }}
        socket-default {{ load = no }}
        kernel-libipsec {{ load = no }}
        homeport {{
            load = yes
            socket = {socket}
        }}
"""
MOBILE_PLUGINS = "kernel-libipsec { load = yes }"


class Charon:
    """One daemon. `plugins`: text for the section of that name; `connections`: a swanctl.conf; `routes`: whether
    it has a virtual address and routes installed, as a mobile has."""

    def __init__(self, namespace, name, plugins, connections, routes="no"):
        self.namespace = namespace
        self.name = name
        self.directory = namespace.network.directory / name
        self.directory.mkdir()
        self.vici = self.directory / "vici"
        self.log_path = self.directory / "log"
        (self.directory / "swanctl.conf").write_text(connections)
        (self.directory / "strongswan.conf").write_text(SETTINGS.format(
            vici=self.vici, log=self.log_path, plugins=plugins, routes=routes))
        self.plugins = self.directory / "plugins"
        shutil.copytree(INSTALLED_PLUGINS, self.plugins)
        shutil.copy(build_directory() / "ike" / PLUGIN, self.plugins)
        self.process = None

    def start(self):
        """Starts it; the plugins that it sees are the installed ones and ours from the build directory."""
        self.process = self.namespace.start(self.name, [
            "unshare", "--mount", "sh", "-c", f"mount --bind {self.plugins} {INSTALLED_PLUGINS} && exec {DAEMON}"],
            {"STRONGSWAN_CONF": str(self.directory / "strongswan.conf")})
        wait_until(lambda: self.process.status() is not None or self._answers(), f"{self.name} to answer", 20)
        if self.process.status() is not None:
            raise LabError(f"{self.name} ended: {self.log()[-3000:]}{self.process.log()[-1000:]}")
        self.swanctl("--load-all", "--noprompt")

    def _answers(self):
        try:
            self.swanctl("--stats")
        except LabError:
            return False
        return True

    def swanctl(self, *arguments):
        return call("env", f"SWANCTL_DIR={self.directory}", "swanctl", *arguments, "--uri", f"unix://{self.vici}")

    def forget(self, connection):
        """Ends its IKE_SAs, whether or not the other side still answers."""
        with contextlib.suppress(LabError):  # it complains when the other side does not
            self.swanctl("--terminate", "--ike", connection, "--force", "--timeout", "1")
        wait_until(lambda: connection not in self.swanctl("--list-sas"), f"{self.name} to forget {connection}")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self):
        return self.process.stop()
