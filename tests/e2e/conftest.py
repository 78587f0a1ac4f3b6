# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures of the end-to-end tests.

`tests/e2e/run` runs all of them or one. A module that asks for `rig` gets one box for all of its tests; `configure(config)` in the module may change
its configuration first. At the end tshark looks at every frame that the box sent, unless the module says
DISSECT = False. When a test fails, the box's log and what it dropped during the test are shown.
"""

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "devtools")]

pytest.register_assert_rewrite("fake_charon", "invariants", "peers", "rig", "roaming", "tunnel", "vpn_lab", "vpn_peers", "wire")

import plan  # noqa: E402
from lab.box import program  # noqa: E402
from lab.hugepages import HugePages  # noqa: E402
from lab.namespace import Network, wait_until  # noqa: E402
from lab.pki import Pki  # noqa: E402
from rig import Rig  # noqa: E402


RIGS = ("rig", "wide_rig", "tap_rig")


def pytest_sessionstart(session):
    if session.config.option.collectonly:
        return
    if os.geteuid() != 0:
        pytest.exit("the end-to-end tests lay out network namespaces: run them as root", returncode=1)
    program("homeport")


@pytest.fixture(scope="session", autouse=True)
def huge_pages():
    """Huge pages for the boxes; what was reserved before is restored."""
    with HugePages() as pages:
        yield pages


@pytest.fixture(scope="session")
def pki():
    """Certificates for as long as the tests run."""
    authority = Pki()
    yield authority
    authority.close()


@pytest.fixture
def network():
    """An empty network, for tests that start boxes of their own."""
    with Network() as empty:
        yield empty


def _rig(request, *config):
    config = plan.box_config(*config)
    if hasattr(request.module, "configure"):
        request.module.configure(config)
    running = Rig(config)
    request.node.rig = running
    try:
        yield running
    finally:
        complaints = running.close(dissect=getattr(request.module, "DISSECT", True))
        request.node.rig = None
    assert complaints == [], "the box did not behave"


@pytest.fixture(scope="module")
def rig(request):
    """A box with one worker between two raw cables."""
    yield from _rig(request, 1)


@pytest.fixture(scope="module")
def wide_rig(request):
    """The same with three workers."""
    yield from _rig(request, 3)


@pytest.fixture(scope="module")
def tap_rig(request):
    """Three workers on TAP devices. Unlike DPDK's af_packet driver, which has the kernel put fragments together
    (PACKET_FANOUT_FLAG_DEFRAG), these hand them over as they are."""
    yield from _rig(request, 3, "net_tap")


@pytest.fixture(scope="session")
def eventually():
    """wait_until(condition, what): for events that nothing on the wire announces."""
    return wait_until


@pytest.fixture(autouse=True)
def clean_slate(request):
    """Frames that an earlier test left behind are not this test's."""
    running = _running(request.node)
    if running is not None:
        running.settle()
        for link in running.wire.links:
            link.forget()
            link.absent.clear()
        request.node.drops_before = running.drops()


def _running(item):
    """The rig of a test's module, if it has one."""
    for name in RIGS:
        if name in getattr(item, "fixturenames", ()):
            return item._request.getfixturevalue(name)
    return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.when != "call" or not report.failed:
        return
    for name in RIGS:
        running = item.funcargs.get(name)
        if running is None:
            continue
        report.sections.append(("box log", running.box.log()[-4000:]))
        try:
            report.sections.append(("box drops", f"before {item.drops_before}\nafter  {running.drops()}"))
        except (OSError, AttributeError) as error:
            report.sections.append(("box drops", f"not to be had: {error}"))
