# SPDX-License-Identifier: BSD-3-Clause
"""Running the box: reload under traffic, a clean end, and clear answers to what can go wrong."""

import copy
import re
import signal
import subprocess

import mip
import plan
import pytest
from lab import libconfig
from lab.box import Box, program
from lab.namespace import LabError

NEW_HOME = "203.0.113.210"


@pytest.fixture
def restored(rig):
    """Whatever a test does to the configuration is undone."""
    before = copy.deepcopy(rig.box.config)
    yield rig.box.config
    rig.box.config.clear()
    rig.box.config.update(before)
    rig.box.reload()


def test_reload_loses_no_packet_and_no_binding(rig, restored):
    mobile = rig.x_mobile()
    mobile.register()
    sent = []
    rig.box.write_config()
    with rig.drops_exactly({}):
        for number in range(300):
            sent.append(rig.to_mobile(mobile, f"packet {number}".encode()))
            if number % 100 == 50:
                rig.box.process.signal(signal.SIGHUP)
        got = [mobile.receive().packet[48:] for _ in sent]
    assert got == [f"packet {number}".encode() for number in range(300)]
    rig.box.reload()
    assert mobile.home in {binding["home_address"] for binding in rig.box.bindings()}


def test_a_new_subscriber_can_register_after_reload(rig, restored):
    mobile = rig.x_mobile(NEW_HOME)
    with rig.drops_exactly({"reg-no-association": 1}):
        mobile.send(mobile.request())
    restored["subscribers"].append(plan.subscriber("x-ha", NEW_HOME))
    rig.box.reload()
    assert mobile.exchange().code == 0


def test_a_changed_key_counts_after_reload(rig, restored):
    mobile = rig.x_mobile()
    assert mobile.exchange().code == 0
    changed = mip.Association(spi=4000, key=b"a key of 16 byte")
    for entry in restored["subscribers"]:
        if entry.get("home_address") == mobile.home:
            entry.update(plan.association_keys(changed))
    rig.box.reload()
    mobile.association = changed
    assert mobile.exchange().code == 0


def test_trusted_networks_can_be_withdrawn(rig, restored):
    mobile = rig.i_mobile()
    assert mobile.exchange().code == 0
    restored["i_ha"]["trusted_networks"] = ("10.1.0.0/24",)
    rig.box.reload()
    with rig.drops_exactly({"reg-untrusted-source": 1}):
        mobile.send(mobile.request())


def test_routes_change_live(rig, restored):
    restored["routes"].append({"prefix": "192.0.2.128/25", "gateway": "198.51.100.253"})
    rig.box.reload()
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, "192.0.2.222"))
    frame = rig.external.expect_ip(lambda ip: ip.dst == "192.0.2.222", "forwarded packet")
    assert frame.dst == "02:00:c6:33:64:fd"


@pytest.mark.parametrize("section, key, value", [("eal", "buffers", 32768), ("limits", "bindings_max", 2000)])
def test_what_needs_a_restart_is_said(rig, restored, section, key, value):
    restored[section][key] = value
    said = rig.box.reload()
    assert f"{section}.{key}" in said and "restart" in said


def test_a_broken_configuration_is_refused_and_nothing_changes(rig, restored):
    mobile = rig.x_mobile()
    mobile.register()
    restored["subscribers"][0]["spi"] = 1
    said = rig.box.reload()
    line = re.search(r"homeport\.conf:(\d+): .*spi", said)
    assert line, said
    assert "spi = 1" in rig.box.config_path.read_text().splitlines()[int(line[1]) - 1]
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    mobile.register()


def test_homeportctl_says_no_with_an_exit_status(rig):
    def status(*words):
        done = subprocess.run([program("homeportctl"), *words], capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stdout, done.stderr

    prefix = ("--prefix", rig.box.file_prefix)
    assert status(*prefix, "status")[0] == 0
    code, said, complaint = status(*prefix, "binding", "203.0.113.77")
    assert code == 1 and said == "" and "203.0.113.77" in complaint
    assert status(*prefix, "nonsense")[0] == 2
    code, _, complaint = status("--prefix", "nobody-runs-this", "status")
    assert code == 3 and complaint


def test_homeportctl_watch_shows_live_rates(rig):
    said = rig.box.ctl("watch", "1", "--count", "1")
    assert said


def test_a_second_instance_is_refused(rig):
    with pytest.raises(LabError) as refusal:
        second = Box(rig.box_namespace, copy.deepcopy(rig.box.config), name="second")
        second.start()
    assert re.search(r"already|running|another", str(refusal.value)), refusal.value
    mobile = rig.x_mobile()
    assert mobile.exchange().code == 0, "the first one goes on"


# --check, and starts that fail: no box needed


def check(tmp_path, text):
    """Runs homeport --check on a configuration text; returns exit status and what it said."""
    path = tmp_path / "try.conf"
    path.write_text(text)
    path.chmod(0o600)
    done = subprocess.run([program("homeport"), "--check", "-c", path], capture_output=True, text=True, timeout=20,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def config_text(change=lambda config: None):
    """The rig's configuration as text, with a change."""
    config = plan.box_config(1)
    config["eal"]["file_prefix"] = "check"
    config["runtime_directory"] = "/run/homeport-check"
    change(config)
    return libconfig.settings(config)


def test_check_says_ok(tmp_path):
    status, said = check(tmp_path, config_text())
    assert status == 0 and "ok" in said


@pytest.mark.parametrize("change, words", [
    (lambda c: c["i_ha"].update(address=plan.X_HA), ["i_ha.address", "RFC 5265"]),
    (lambda c: c["x_ha"].update(adress="1.2.3.4"), ["adress"]),
    (lambda c: c["x_ha"].update(lifetime_max_sec=70000), ["lifetime_max_sec", "65534"]),
    (lambda c: c["x_ha"].update(reverse_tunnel="maybe"), ["reverse_tunnel", "optional"]),
    (lambda c: c["ports"][0].update(address="198.51.100.300/24"), ["address"]),
    (lambda c: c["ports"][0].pop("role"), ["role", "external"]),
    (lambda c: c["subscribers"][0].update(key={"hex": "123"}), ["hex"]),
    (lambda c: c["subscribers"][0].update(key={"file": "/nonexistent/key"}), ["/nonexistent/key"]),
    (lambda c: c["subscribers"][0].update(home_address="192.0.2.1"), ["192.0.2.1", "home network"]),
    (lambda c: c["subscribers"].append(c["subscribers"][0]), ["home_address", "same"]),
    (lambda c: c["routes"][0].update(gateway="192.0.2.1"), ["gateway"]),
    (lambda c: c["eal"].update(worker_cores=()), ["worker_cores"]),
])
def test_check_names_file_line_key_and_remedy(tmp_path, change, words):
    status, said = check(tmp_path, config_text(change))
    assert status != 0
    assert re.search(r"try\.conf:\d+: ", said), said
    for word in words:
        assert word in said, said


def test_check_of_a_syntax_error_names_the_line(tmp_path):
    status, said = check(tmp_path, 'eal = {\n  main_core = 0;\n  worker_cores = [1\n};\n')
    assert status != 0 and re.search(r"try\.conf:[34]: ", said), said


def test_check_of_a_missing_file(tmp_path):
    done = subprocess.run([program("homeport"), "--check", "-c", tmp_path / "nothing.conf"], capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode != 0 and "nothing.conf" in done.stderr


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    key = tmp_path / "key"
    key.write_text("0x" + "12" * 16 + "\n")
    key.chmod(0o644)
    status, said = check(tmp_path, config_text(lambda c: c["subscribers"][0].update(key={"file": str(key)})))
    assert status != 0 and "chmod" in said
    key.chmod(0o600)
    assert check(tmp_path, config_text(lambda c: c["subscribers"][0].update(key={"file": str(key)})))[0] == 0


def test_keys_are_never_shown(tmp_path):
    secret = "5ec4e75ec4e75ec4e75ec4e75ec4e75e"
    change = {"spi": 1, "key": {"hex": secret}}
    _, said = check(tmp_path, config_text(lambda c: c["subscribers"][0].update(change)))
    assert secret not in said


def test_usage_errors_are_answered(tmp_path):
    for arguments in ([], ["-c"], ["--nonsense"], ["-c", str(tmp_path / "x"), "more"]):
        done = subprocess.run([program("homeport"), *arguments], capture_output=True, text=True, timeout=20,
                              check=False)
        assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
        assert "usage" in done.stderr.lower() or "homeport" in done.stderr
    done = subprocess.run([program("homeport"), "--help"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0 and "-c" in done.stdout


def starts_not(network, change, name, under=()):
    """What a box says that cannot start with a changed configuration, or under this command."""
    namespace = network.namespace(name)
    config = plan.box_config(1)
    config["eal"]["file_prefix"] = network.prefix + name
    config["runtime_directory"] = str(network.directory / name)
    change(namespace, config)
    with pytest.raises(LabError) as refusal:
        Box(namespace, config, name, under=under).start()
    return str(refusal.value)


def running_box(network, name):
    """A box of its own that has started."""
    namespace, neighbour = network.namespace(name), network.namespace(name + "peer")
    for interface in ("external", "internal"):
        network.cable(namespace, interface, neighbour, interface)
    config = plan.box_config(1)
    config["eal"]["file_prefix"] = network.prefix + name
    config["runtime_directory"] = str(network.directory / name)
    box = Box(namespace, config, name)
    box.start()
    return box


def test_an_interface_that_does_not_exist_is_named(network):
    said = starts_not(network, lambda *_: None, "noport")
    assert '"external"' in said and "ip link" in said


def test_a_device_that_does_not_exist_is_named(network):
    said = starts_not(network, lambda _, config: config["ports"][0].update(device="net_nonsense0"), "nodevice")
    assert '"external"' in said and "no such device" in said


def test_missing_huge_pages_are_explained(network):
    hiding = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel/mm/hugepages && exec "$@"', "sh")
    said = starts_not(network, lambda *_: None, "nopages", hiding)
    assert "huge page" in said and "nr_hugepages" in said


def test_sigterm_ends_it_cleanly(network):
    box = running_box(network, "ending")
    assert box.stop() == 0
    assert "error" not in box.log().lower() and "stopping" in box.log()
    box.start()
    assert box.ask("/homeport/info")["workers"] == 1, "nothing is left in the way of the next one"


def test_a_port_that_disappears_is_survived_and_said(network, eventually):
    box = running_box(network, "losing")
    box.namespace.ip("link", "del", "external")
    eventually(lambda: "external" in box.log() and "disappeared" in box.log(), "loss of the port in the log")
    assert box.process.status() is None
    assert box.ask("/homeport/info")
    assert box.stop() == 0
