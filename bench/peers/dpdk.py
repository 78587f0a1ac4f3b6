# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's own programs as contenders: the examples ipsec-secgw and l3fwd, built here from Debian's package of their
sources, and testpmd, which does nothing but receive and send: the harness."""

import os
import pathlib
import shutil
import subprocess

import captures
import contender

EXAMPLES = pathlib.Path("/usr/share/dpdk/examples")
MAC = ":".join(f"{octet:02x}" for octet in captures.NEIGHBOUR_MAC)
# Receive checksum offload, which no virtual device has.
OFFLOAD = ".offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM"
DRIVERS = {"mb": "crypto_aesni_mb", "gcm": "crypto_aesni_gcm"}
# Device and session type of ipsec-secgw, and further arguments.
MODES = {
    "mb, poll": ("mb", "", ()),
    "gcm, poll": ("gcm", "", ()),
    "gcm, cpu-crypto, librte_ipsec": ("gcm", "type cpu-crypto", ("-l",)),
    "mb, poll, librte_ipsec": ("mb", "", ("-l",)),
}


def modes(case):
    """The modes of ipsec-secgw that can do a case. With ciphers of several lanes cpu-crypto is 20 times slower."""
    return [mode for mode in MODES if case.suite == "aes128gcm16" or mode.startswith("mb")]


def build(name, directory):
    """Builds an example for this CPU in `directory`; returns the program."""
    source = EXAMPLES / name
    if not source.is_dir():
        raise contender.ContenderError(f"{source} is not there; run: devtools/install-deps peers")
    target = pathlib.Path(directory) / name
    program = target / "build" / name
    if program.is_file():
        return program
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    for path in target.glob("*.c"):
        path.write_text(path.read_text().replace(OFFLOAD, ".offloads = 0"))
    flags = subprocess.check_output(["pkg-config", "--cflags", "libdpdk"], text=True).strip()
    flags = f"-O3 {flags} -march=native -DALLOW_EXPERIMENTAL_API -w -I{EXAMPLES}/common"
    subprocess.run(["make", "-s", "-C", target, f"CFLAGS={flags}"], check=True)
    return program


class L3fwd(contender.Contender):
    """Longest prefix match, nothing else."""

    name = "l3fwd"

    def __init__(self, directory):
        super().__init__()
        self.program = build(self.name, directory)

    def argv(self, case, directory):
        rules, rules6 = (pathlib.Path(directory) / f"l3fwd{version}.cfg" for version in (4, 6))
        rules.write_text("R192.0.2.0/24 1\nR172.16.0.0/16 1\n")
        rules6.write_text("R2001:200:0:0:0:0:0:0/64 1\n")
        return [self.program, *contender.eal(directory, self.prefix, "-l", contender.WORKER_CORE), "--", "-p", "0x3",
                "-P", "--config=(0,0,1),(1,0,1)", "--lookup=lpm", "--parse-ptype", f"--rule_ipv4={rules}",
                f"--rule_ipv6={rules6}", f"--eth-dest=1,{MAC}"]


class Testpmd(contender.Contender):
    """Receives by port 0, sends by port 1, and looks at nothing."""

    name = "testpmd"

    def argv(self, case, directory):
        return ["dpdk-testpmd", *contender.eal(directory, self.prefix, "-l", f"0,{contender.WORKER_CORE}",
                                               "--main-lcore", "0"),
                "--", "--forward-mode=io", "--auto-start", "--nb-cores=1", "--total-num-mbufs=16384", "--burst=32",
                "--no-lsc-interrupt", "--stats-period=1000"]


def hexadecimal(key):
    return ":".join(f"{octet:02x}" for octet in key)


class SecGw(contender.Contender):
    """The IPsec gateway. `mode` is one of MODES."""

    name = "ipsec-secgw"

    def __init__(self, directory, mode):
        super().__init__(mode)
        self.program = build(self.name, directory)

    def argv(self, case, directory):
        path = pathlib.Path(directory) / "secgw.cfg"
        path.write_text("\n".join(self.config(case)) + "\n")
        driver, _, more = MODES[self.mode]
        return [self.program, *contender.eal(directory, self.prefix, "-l", contender.WORKER_CORE), "--vdev",
                DRIVERS[driver], "--", "-p", "0x3", "-P", "-u", "0x1" if case.kind == "open" else "0x2",
                "--config=(0,0,1),(1,0,1)", "-f", path, "-s", "16384", *more]

    def config(self, case):
        """Its configuration, line by line."""
        lines = []
        inbound = case.kind == "open"
        way = "in" if inbound else "out"
        for index in range(case.count):
            keys = captures.association(case, index, inbound)
            ends = captures.care_of(index), captures.GATEWAY
            ends = ends if inbound else ends[::-1]
            where = f"src {captures.tia(index)}/32" if inbound else f"dst {captures.tia(index)}/32"
            lines.append(f"sp ipv4 {way} esp protect {keys.spi} pri 1 {where} sport 0:65535 dport 0:65535")
            lines.append(f"sa {way} {keys.spi} {self.algorithms(keys)} mode ipv4-tunnel src {ends[0]} dst {ends[1]} "
                         f"{MODES[self.mode][1]}".rstrip())
        if not inbound:  # it will not start without one
            lines += ["sp ipv4 in esp protect 1 pri 1 src 10.9.0.1/32 sport 0:65535 dport 0:65535",
                      f"sa in 1 {self.algorithms(captures.association(case, 0, True))} mode ipv4-tunnel src 100.63.0.1 "
                      f"dst {captures.GATEWAY} {MODES[self.mode][1]}".rstrip()]
        lines.append(f"rt ipv4 dst {'10.2.0.0/16' if inbound else '100.64.0.0/16'} port 1")
        lines.append(f"neigh port 1 {MAC}")
        return lines

    @staticmethod
    def algorithms(keys):
        if keys.suite.is_aead:
            return f"aead_algo aes-128-gcm aead_key {hexadecimal(keys.encryption_key)}"
        return (f"cipher_algo aes-128-cbc cipher_key {hexadecimal(keys.encryption_key)} "
                f"auth_algo sha1-hmac auth_key {hexadecimal(keys.integrity_key)}")


def work_directory():
    """Where the peers are built: out of the tree."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "/var/cache")) / "homeport" / "peers"
    cache.mkdir(parents=True, exist_ok=True)
    return cache
