# SPDX-License-Identifier: BSD-3-Clause
"""The addresses of the test rig, and the box's configuration there.

The box stands between two raw cables; the test plays every mobile, correspondent and router around it.

      mobiles and routers outside                                         correspondents inside
      any address ---- external link 198.51.100.0/24 ---- BOX ---- internal link 10.1.0.0/24 ---- 10.0.0.0/8
      gateway .254          port .1, x-HA .2          port .1, i-HA .2                        gateway .254

Home addresses 203.0.113.0/24 belong to the x-HA and 10.2.0.0/24 to the i-HA (virtual networks); 10.1.0.128
to .191 are mobiles of the i-HA whose home is the internal link.
"""

import ipaddress

import mip

EXTERNAL_PORT, X_HA, EXTERNAL_GATEWAY = "198.51.100.1", "198.51.100.2", "198.51.100.254"
INTERNAL_PORT, I_HA, INTERNAL_GATEWAY = "10.1.0.1", "10.1.0.2", "10.1.0.254"
EXTERNAL_LINK, INTERNAL_LINK, LINK_HOME = "198.51.100.0/24", "10.1.0.0/24", "10.1.0.128/26"
CORRESPONDENT = "10.1.0.20"
GATEWAY, TIA_NETWORK, INSIDE = "198.51.100.3", "10.8.0.0/24", "10.0.0.0/8"
TRUSTED = ("10.1.0.0/24", "10.4.0.0/16")
UNTRUSTED_INSIDE = "10.5.0.9"
X_HOMES = [f"203.0.113.{last}" for last in range(1, 200)]
I_HOMES = [f"10.2.0.{last}" for last in range(1, 100)]
LINK_HOMES = [f"10.1.0.{last}" for last in range(130, 190)]
LINK_BROADCAST = "10.1.0.191"
FOREIGN_AGENT = "192.0.2.200"
INSIDE_FOREIGN_AGENT = "10.4.0.200"
FA_ASSOCIATION = mip.Association(spi=300, key=bytes(range(16, 32)))
SPECIAL_ALGORITHMS = {"hmac-sha1": "203.0.113.201", "hmac-sha256": "203.0.113.202",
                      "prefix-suffix-md5": "203.0.113.203"}
NONCE_HOME = "203.0.113.204"
COMPATIBLE_HOME = "203.0.113.205"
STRANGER_HOME = "203.0.113.250"
DYNAMIC_NAI = "guest@example.com"
POOL = ("203.0.113.240", "203.0.113.245")
LIFETIME_MAX, UDP_LIFETIME_MAX, KEEPALIVE_SEC = 600, 60, 110
SIMULTANEOUS_MAX = 3
MTU = 1500
BOX_TTL = 64


def special_association(algorithm):
    """The association of the mobile that uses this algorithm."""
    return mip.Association(key=bytes(range(32, 64)), algorithm=algorithm)


def association_keys(association, replay="timestamps"):
    """An association as the configuration writes it."""
    return {"spi": association.spi, "algorithm": association.algorithm, "key": {"hex": association.key.hex()},
            "replay": replay}


def subscriber(agent, home=None, association=mip.Association(), replay="timestamps", **more):
    """A subscriber as the configuration writes it."""
    address = {} if home is None else {"home_address": home}
    return {"agent": agent, **address, **more, **association_keys(association, replay)}


def subscribers():
    """Everybody whom the tests play."""
    return ([subscriber("x-ha", home) for home in X_HOMES] +
            [subscriber("i-ha", home) for home in I_HOMES + LINK_HOMES] +
            [subscriber("x-ha", home, special_association(name)) for name, home in SPECIAL_ALGORITHMS.items()] +
            [subscriber("x-ha", NONCE_HOME, replay="nonces"),
             subscriber("x-ha", COMPATIBLE_HOME, ecn_compatible=True),
             subscriber("x-ha", nai=DYNAMIC_NAI)])


def is_in_pool(address):
    """Whether an address is one that the box hands out."""
    first, last = (int(ipaddress.IPv4Address(end)) for end in POOL)
    return first <= int(ipaddress.IPv4Address(address)) <= last


def agent(address):
    """A home agent that does all it can."""
    return {"address": address, "lifetime_max_sec": LIFETIME_MAX, "simultaneous_max": SIMULTANEOUS_MAX,
            "reverse_tunnel": "optional", "gre": True, "minimal_encapsulation": True, "broadcasts": True,
            "udp_tunnel": True, "udp_tunnel_forced": True, "udp_keepalive_sec": KEEPALIVE_SEC,
            "udp_lifetime_max_sec": UDP_LIFETIME_MAX, "message_string": True, "revocation": True,
            "advertise_interval_sec": 0}


def port(driver, index, role, address):
    """A port on the interface of the same name as its role."""
    return {"name": role, "device": f"{driver}{index},iface={role}", "role": role,
            "address": address, "mtu": MTU, "rx_descriptors": 512, "tx_descriptors": 512}


def box_config(workers, driver="net_af_packet"):
    """The box's configuration; Rig fills in what differs from one instance to the next."""
    return {
        "eal": {"main_core": 0, "worker_cores": (1,) * workers, "file_prefix": "",
                "buffers": 16384, "idle_sleep": True},
        "runtime_directory": "",
        "ports": [port(driver, 0, "external", EXTERNAL_PORT + "/24"),
                  port(driver, 1, "internal", INTERNAL_PORT + "/24")],
        "routes": [{"prefix": "0.0.0.0/0", "gateway": EXTERNAL_GATEWAY},
                   {"prefix": "10.0.0.0/8", "gateway": INTERNAL_GATEWAY}],
        "x_ha": agent(X_HA),
        "i_ha": {**agent(I_HA), "trusted_networks": TRUSTED},
        "home_networks": [
            {"agent": "x-ha", "prefix": "203.0.113.0/24", "virtual": True, "pool": "-".join(POOL)},
            {"agent": "i-ha", "prefix": "10.2.0.0/24", "virtual": True},
            {"agent": "i-ha", "prefix": LINK_HOME, "port": "internal"}],
        "subscribers": subscribers(),
        "foreign_agents": [{"address": address, **association_keys(FA_ASSOCIATION)}
                           for address in (FOREIGN_AGENT, INSIDE_FOREIGN_AGENT)],
        "limits": {"bindings_max": 1000, "auth_failure_replies_per_sec": 1000, "log_per_sec": 1000,
                   "punt_icmp_per_sec": 100000, "punt_icmp_error_per_sec": 100000, "punt_arp_per_sec": 100000},
        # Plain packets from mobiles' tunnels reach the inside, as mobiles do that have no VPN yet.
        "security": {"forward_external_to_internal": True},
    }


def add_vpn(config, **vpn):
    """Adds the VPN gateway: from now on only what leaves a security association gets from outside to the inside."""
    config["vpn"] = {"address": GATEWAY, "tia_networks": (TIA_NETWORK,), **vpn}
    config["ike"] = {"supervise": False}
    config["i_ha"]["trusted_networks"] += (TIA_NETWORK,)
    del config["security"]
