# SPDX-License-Identifier: BSD-3-Clause
"""homeportctl trace: where one client's packets go, and why they stop."""

import contextlib
import json
import signal
import subprocess

import plan
from lab.box import program

TIMEOUT = 30


@contextlib.contextmanager
def trace(rig, address, *options):
    """A running homeportctl, from when the box traces; it is ended if it has not ended by itself."""
    command = [program("homeportctl"), "--prefix", rig.box.file_prefix, "trace", address, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr.readline().startswith(f"following {address}")
            yield process
        finally:
            process.kill()


def lines(process):
    """What it printed until it ended, which it does well."""
    said, complaints = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, complaints) == (0, "")
    return said.splitlines()


def behind_nat(rig):
    mobile = rig.x_mobile()
    mobile.care_of = "192.168.1.10"
    mobile = mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register("udp")
    return mobile


def test_a_tunnel_from_another_port_is_explained(rig):
    mobile = behind_nat(rig)
    registered, mobile.port = mobile.port, rig.nat_port()
    with trace(rig, mobile.source, "--count", "1") as process:
        with rig.drops_exactly({"tunnel-wrong-port": 1}):
            mobile.send_through_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
        line, = lines(process)
    assert mobile.port != registered
    assert f" external {mobile.source}:{mobile.port} > {plan.X_HA}:434 udp " in line
    assert f"strip [{mobile.home}:40000 > {plan.CORRESPONDENT}:40001 udp 36] match drop tunnel-wrong-port: " in line
    assert "the mobile must register again" in line


def test_both_directions_are_followed_to_their_port(rig):
    mobile = behind_nat(rig)
    with trace(rig, mobile.home, "--count", "2") as process:
        mobile.expect_tunnelled(rig.to_mobile(mobile))
        mobile.send_through_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
        rig.internal.expect_udp(mobile.home, plan.CORRESPONDENT, 40001)
        to_mobile, from_mobile = lines(process)
    assert f" internal {plan.CORRESPONDENT}:40000 > {mobile.home}:40001 udp 36  ether-input " in to_mobile
    assert f"push [{plan.X_HA}:434 > {mobile.source}:{mobile.port} udp " in to_mobile
    assert to_mobile.endswith("send external")
    assert from_mobile.endswith("send internal")


def test_json_has_a_line_a_packet(rig):
    mobile = behind_nat(rig)
    with trace(rig, mobile.home, "--count", "1", "--json") as process:
        mobile.expect_tunnelled(rig.to_mobile(mobile))
        line, = lines(process)
    stages = [record["stage"] for record in json.loads(line)["records"]]
    assert stages[0] == "ether-input" and stages[-1] == "send"


def test_a_registration_ends_at_the_control_core(rig):
    mobile = rig.x_mobile()
    with trace(rig, mobile.source, "--count", "1") as process:
        assert mobile.exchange().code == 0
        line = lines(process)[0]
    assert line.endswith("demux punt registration-external")


def test_an_interrupted_trace_leaves_the_box_free_for_the_next(rig):
    for _ in range(2):
        with trace(rig, plan.CORRESPONDENT) as process:
            process.send_signal(signal.SIGINT)
            lines(process)


def test_one_trace_at_a_time(rig):
    with trace(rig, plan.CORRESPONDENT) as process:
        command = [program("homeportctl"), "--prefix", rig.box.file_prefix, "trace", plan.X_HA]
        second = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert second.returncode == 1
        assert f"somebody else traces {plan.CORRESPONDENT}" in second.stderr
        process.send_signal(signal.SIGINT)
        lines(process)
