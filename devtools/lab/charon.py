# SPDX-License-Identifier: BSD-3-Clause
"""strongSwan's charon in a namespace, with directories of its own: a stock client, a stock gateway to compare
with, or the gateway's charon with Homeport's plugin in it."""

import pathlib
import re
import shutil

from .box import NotifySocket, build_directory
from .namespace import LabError, call, wait_until

CHARON = pathlib.Path("/usr/sbin/charon-systemd")
PLUGINS = pathlib.Path("/usr/lib/ipsec/plugins")
HOMEPORT_PLUGIN = "libstrongswan-homeport.so"
CRYPTO = ("random nonce drbg x509 revocation constraints pubkey pkcs1 pkcs8 pkcs12 pem openssl aes sha1 sha2 md5 mgf1 "
          "hmac gcm chapoly kdf curve25519")
DAEMON = "vici eap-identity eap-mschapv2"
KINDS = {
    # the data plane of a client: ESP in UDP on a tun device, by libipsec
    "client": "kernel-libipsec kernel-netlink socket-default",
    # the box's: no device, no socket, all through the box
    "gateway": "homeport",
}
STRONGSWAN_CONF = """\
charon-systemd {{
	load = {plugins}
	retransmit_timeout = {retransmit_timeout}
	retransmit_tries = {retransmit_tries}
	retransmit_base = 1.2
	close_ike_on_child_failure = yes
	delete_rekeyed_delay = 1
	keep_alive = 20s
	{options}
	plugins {{
		vici {{
			socket = unix://{directory}/vici
		}}
		homeport {{
			socket = {ike_socket}
		}}
	}}
	filelog {{
		log {{
			path = {directory}/charon.log
			flush_line = yes
			default = 1
			ike_name = yes
			{log_levels}
		}}
	}}
}}
libtls {{
}}
"""


def homeport_plugin():
    """The path of the built plugin; LabError says how to build it."""
    path = build_directory() / "ike" / HOMEPORT_PLUGIN
    if not path.is_file():
        raise LabError(f"{path} is not there; build it first: make build")
    return path


class Charon:
    """One charon-systemd. `config` is the text of its swanctl.conf (vpn.py); change it and load()."""

    def __init__(self, namespace, name, config, kind="client", **options):
        self.namespace, self.name, self.config, self.kind = namespace, name, config, kind
        self.directory = namespace.network.directory / name
        self.swanctl_directory = self.directory / "swanctl"
        self.swanctl_directory.mkdir(parents=True)
        self.log_path = self.directory / "charon.log"
        self.process = None
        self._notify = NotifySocket(self.directory / "notify")
        namespace.network.on_close(self._notify.close)
        self._write(**options)

    def _write(self, ike_socket="", retransmit_timeout=0.5, retransmit_tries=4, log_levels="", **options):
        options.setdefault("install_virtual_ip_on", "ipsec0")
        (self.directory / "strongswan.conf").write_text(STRONGSWAN_CONF.format(
            plugins=f"{CRYPTO} {KINDS[self.kind]} {DAEMON}", directory=self.directory, ike_socket=ike_socket,
            retransmit_timeout=retransmit_timeout, retransmit_tries=retransmit_tries, log_levels=log_levels,
            options="\n\t".join(f"{key} = {value}" for key, value in options.items())))

    def install(self, pki, *names):
        """Gives it the certificates and keys of these names, and the CA's certificate."""
        pki.install(self.swanctl_directory, names)

    # life

    def start(self, within=20.0):
        """Starts it and returns once it is ready and has loaded its configuration."""
        self.launch()
        wait_until(self._is_ready, f"charon {self.name} ready", within)
        self.load()

    def launch(self):
        """Starts it, and does not wait."""
        argv = [CHARON]
        if self.kind == "gateway":
            argv = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                    f"mount --bind {self._plugin_directory()} {PLUGINS} && exec {CHARON}"]
        while self._notify.next(0) is not None:
            pass
        (self.directory / "vici").unlink(missing_ok=True)
        self.process = self.namespace.start(self.name, argv, self._environment())

    def _plugin_directory(self):
        """A copy of the plugin directory that has Homeport's plugin as well."""
        folder = self.directory / "plugins"
        if not folder.is_dir():
            shutil.copytree(PLUGINS, folder)
            shutil.copy(homeport_plugin(), folder / HOMEPORT_PLUGIN)
        return folder

    def _environment(self):
        return {"STRONGSWAN_CONF": str(self.directory / "strongswan.conf"),
                "SWANCTL_DIR": str(self.swanctl_directory), "NOTIFY_SOCKET": str(self._notify.path)}

    def _is_ready(self):
        if self.process.status() is not None:
            raise LabError(f"charon {self.name} ended with exit status {self.process.status()}:\n{self.log()[-3000:]}")
        return (self.directory / "vici").exists()

    def stop(self, within=20.0):
        """SIGTERM: it deletes its SAs and ends. Returns the exit status."""
        return self.process.stop(within)

    def log(self):
        said = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return said or (self.process.log() if self.process is not None else "")

    # swanctl

    def swanctl(self, *words, check=True):
        """What `swanctl ...` prints; LabError when it fails."""
        environment = [f"{key}={value}" for key, value in self._environment().items()]
        try:
            return call("env", *environment, "swanctl", *words, "--uri", f"unix://{self.directory}/vici")
        except LabError:
            if check:
                raise
            return ""

    def load(self):
        """Has it read its connections, pools, certificates and secrets again."""
        (self.swanctl_directory / "swanctl.conf").write_text(self.config)
        self.swanctl("--load-all", "--noprompt")

    def initiate(self, child="net", within=15):
        """Brings up an SA; LabError with charon's words when it does not come about."""
        return self.swanctl("--initiate", "--child", child, "--timeout", within)

    def terminate(self, ike="home", *more):
        return self.swanctl("--terminate", "--ike", ike, "--timeout", 10, *more)

    def rekey(self, **what):
        """rekey(child="net") or rekey(ike="home")."""
        (kind, name), = what.items()
        return self.swanctl("--rekey", f"--{kind}", name)

    def sas(self, *words):
        """Its IKE SAs as dicts of swanctl's words, children under "child-sas"."""
        said = self.swanctl("--list-sas", "--raw", *words, check=False)
        return [next(iter(event.values())) for event in parse_raw(said)]

    def child(self):
        """Its newest installed CHILD_SA, or None."""
        installed = [child for sa in self.sas() for child in sa["child-sas"].values()
                     if child["state"] == "INSTALLED"]
        return max(installed, key=lambda child: int(child["uniqueid"])) if installed else None

    def virtual_ip(self):
        """The tunnel inner address that the gateway gave it, or None."""
        for sa in self.sas():
            if sa.get("state") == "ESTABLISHED" and sa.get("local-vips"):
                return sa["local-vips"][0]
        return None

    def wait_established(self, within=15.0):
        """Returns its CHILD_SA once there is one."""
        return wait_until(self.child, f"{self.name} has a CHILD_SA", within)


def parse_raw(text):
    """What `swanctl --raw` prints: `event {name {key=value key=[a b] section {...}}}` lines, as dicts."""
    return [_section(iter(_tokens(line[line.index("{") + 1:]))) for line in text.splitlines()
            if line.startswith("list-sa event")]


TOKEN = re.compile(r"[{}\]]"                  # ends and beginnings
                   r"|[^\s{}=\[\]]+=\["       # key=[
                   r"|[^\s{}=\]]+=[^{}\]]*?(?=\s[^\s{}=]+(?:=|\s?\{)|[}\]])"  # key=value, which may have blanks
                   r"|[^\s{}=\]]+")             # a section's name, a list's member


def _tokens(text):
    return TOKEN.findall(text)


def _section(tokens):
    found = {}
    for token in tokens:
        if token == "}":
            break
        if token.endswith("=["):
            members = []
            for member in tokens:
                if member == "]":
                    break
                members.append(member)
            found[token[:-2]] = members
        elif "=" in token:
            key, _, value = token.partition("=")
            found[key] = value
        else:
            next(tokens)  # the brace
            found[token] = _section(tokens)
    return found
