# SPDX-License-Identifier: BSD-3-Clause
"""Homeport as a contender: its own program with its worker loop, told what to do by configuration, by registrations
on the wire and by the protocol of charon's plugin."""

import contextlib
import os
import pathlib
import time

import fake_charon
import mip
from lab import libconfig
from lab.box import program

import captures
import contender

ANY = fake_charon.selector("0.0.0.0/0")


class Homeport(contender.Contender):
    """The real thing."""

    name = "homeport"

    def __init__(self, shim):
        super().__init__()
        self._has_vpn, self._charon = False, None
        self.environment = {"LD_PRELOAD": str(shim)}  # the SPIs that it draws are the pcap's

    def _stages(self):
        """{stage: (packets, cycles)} so far."""
        return {row["stage"]: (row["packets"], row["cycles"]) for row in self.ask("/homeport/stages,0").values()}

    def _rate(self, process, seconds):
        """Also notes what each stage took of a packet that came in: means, and waiting for the core is in them."""
        before = self._stages()
        best = super()._rate(process, seconds)
        spent = {name: (after[0] - before[name][0], after[1] - before[name][1])
                 for name, after in self._stages().items()}
        received = spent["ether-input"][0]
        self.stages = {name: round(cycles / received, 1) for name, (packets, cycles) in spent.items() if packets}
        return best

    def argv(self, case, directory):
        path = pathlib.Path(directory) / "homeport.conf"
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        libconfig.write(path, self.config(case, directory))
        return [program("homeport"), "-c", path]

    def config(self, case, directory):
        """Packets come in by port 0 and leave by port 1, whichever of the two is the external one."""
        sides = [("external", captures.EXTERNAL_PORT), ("internal", captures.INTERNAL_PORT)]
        if case.kind != "open":
            sides.reverse()
        ports = [{"name": name, "device": device, "role": name, "address": f"{address}/24", "rx_descriptors": 512,
                  "tx_descriptors": 512} for device, (name, address) in zip(contender.devices(directory), sides)]
        config = {
            "eal": {"main_core": 0, "worker_cores": (contender.WORKER_CORE,), "file_prefix": self.prefix},
            "runtime_directory": os.path.join(directory, "run"),
            "ports": ports,
            "routes": [{"prefix": "0.0.0.0/0", "gateway": captures.EXTERNAL_ROUTER},
                       {"prefix": "10.0.0.0/8", "gateway": captures.INTERNAL_ROUTER}],
            "x_ha": {"address": captures.X_HA, "lifetime_max_sec": 3600},
        }
        if case.kind == "ipip":
            key = mip.Association().key.hex()
            config |= {"home_networks": [{"agent": "x-ha", "prefix": "172.16.0.0/16", "virtual": True}],
                       "subscribers": [{"agent": "x-ha", "home_address": captures.home(index), "spi": 256,
                                        "window_sec": 60, "key": {"hex": key}} for index in range(case.count)]}
        self._has_vpn = case.is_sealed
        if case.is_sealed:
            config |= {"vpn": {"address": captures.GATEWAY, "tia_networks": ("10.8.0.0/16",), "sas_max": 4096},
                       "ike": {"supervise": False}}
        return config

    def is_ready(self, directory):
        return self.ask("/homeport/info") is not None and (directory / "run" / "ike.sock").exists() >= self._has_vpn

    def prepare(self, case, directory):
        if case.kind == "ipip":
            self._await_bindings(case.count)
        if case.is_sealed:
            self._charon = fake_charon.FakeCharon(os.path.join(directory, "run", "ike.sock"))
            spis = [self._charon.get_spi(captures.care_of(index), captures.GATEWAY) for index in range(case.count)]
            if spis != [captures.SPI_FIRST + index for index in range(case.count)]:
                raise contender.ContenderError(f"homeport chose other SPIs than expected, from {spis[0]} on")
            for index in range(case.count):
                self._install(case, index, inbound=True)
                self._install(case, index, inbound=False)

    def _await_bindings(self, count):
        deadline = time.monotonic() + contender.PATIENCE_SEC
        while self.ask("/homeport/info")["bindings"] < count:
            if time.monotonic() > deadline:
                raise contender.ContenderError(f"homeport did not register {count} mobiles")
            time.sleep(0.05)

    def _install(self, case, index, inbound):
        """An SA of a client and its policies, without a replay window: the file repeats its numbers."""
        ends = captures.care_of(index), captures.GATEWAY
        client, keys = fake_charon.selector(captures.tia(index)), captures.association(case, index, inbound)
        sides, directions = (client, ANY), (fake_charon.IN, fake_charon.FORWARD)
        if not inbound:
            ends, sides, directions = ends[::-1], sides[::-1], (fake_charon.OUT,)
        self._charon.request(fake_charon.ADD_SA, fake_charon.add_sa(
            *ends, keys, sides[:1], sides[1:], fake_charon.INBOUND | fake_charon.UPDATE if inbound else 0, window=0))
        for direction in directions:
            self._charon.request(fake_charon.ADD_POLICY, fake_charon.policy(direction, keys.spi, *ends, *sides))
