# SPDX-License-Identifier: BSD-3-Clause
"""swanctl.conf of both ends of the lab's VPN: a gateway for all, and clients that want one or another thing."""

GATEWAY = "198.51.100.3"
TIA_NETWORK = "10.8.0.0/24"
INSIDE = "10.0.0.0/8"
GATEWAY_ID = "gw.homeport.test"
SECRET = "a test's secret, known to all 0123456789"
PASSWORD = "a test's password"
PROPOSALS = "aes256gcm16-prfsha384-ecp256, aes128-sha256-curve25519"
ESP_PROPOSALS = ("aes256gcm16-esn-noesn, aes128gcm16-esn-noesn, chacha20poly1305-esn-noesn, aes192gcm16-esn-noesn, "
                 "aes256-sha256-esn-noesn, aes128-sha256-esn-noesn, aes256-sha512-esn-noesn, aes128-sha512-esn-noesn, "
                 "aes256-sha1-esn-noesn, aes128-sha1-esn-noesn")


def _text(group, indent=0):
    lines = []
    for key, value in group.items():
        if isinstance(value, dict):
            lines += ["\t" * indent + f"{key} {{", _text(value, indent + 1), "\t" * indent + "}"]
        elif value is not None:
            lines.append("\t" * indent + f"{key} = {value}")
    return "\n".join(lines)


def client_id(number=0):
    """The IKE identity of the client with this number."""
    return f"mn{number}.homeport.test"


def gateway(dpd_delay="30s", mobike="yes", child=None, pool=TIA_NETWORK, clients=1, **connection):
    """A gateway that lets in clients with a secret, a certificate or a password."""
    common = {"version": 2, "local_addrs": GATEWAY, "remote_addrs": "%any", "pools": "tia", "mobike": mobike,
              "dpd_delay": dpd_delay, "proposals": PROPOSALS, "unique": "replace", **connection}
    children = {"children": {"net": {"local_ts": INSIDE, "esp_proposals": ESP_PROPOSALS, "dpd_action": "clear",
                                     "rekey_time": "1h", **(child or {})}}}
    by_secret = {"local": {"auth": "psk", "id": GATEWAY_ID}, "remote": {"auth": "psk", "id": "*.homeport.test"}}
    certificate = {"auth": "pubkey", "certs": f"{GATEWAY_ID}.crt", "id": GATEWAY_ID}
    by_certificate = {"local": certificate, "remote": {"auth": "pubkey", "id": "*.homeport.test"}}
    by_password = {"send_cert": "always", "local": certificate,
                   "remote": {"auth": "eap-mschapv2", "eap_id": "%any"}}
    return _text({
        "connections": {"secret": {**common, **by_secret, **children},
                        "certificate": {**common, **by_certificate, **children},
                        "password": {**common, **by_password, **children}},
        "pools": {"tia": {"addrs": pool}},
        "secrets": _secrets(clients)})


def _secrets(clients):
    return {"ike-all": {"id-1": GATEWAY_ID, **{f"id-{n + 2}": client_id(n) for n in range(clients)},
                        "secret": f'"{SECRET}"'},
            "eap-user": {"id": client_id(), "secret": f'"{PASSWORD}"'}}


def mobile(home_address, **wishes):
    """The client of a mobile: "home" from its x-HA home address, which stays (RFC 5265), "roam" from wherever it is
    (RFC 5266)."""
    return _text({"connections": {"home": _connection("pubkey", 0, mobike="no", local_addrs=home_address,
                                                       **wishes),
                                  "roam": _connection("pubkey", 0, **wishes)},
                  "secrets": _secrets(1)})


def client(auth="psk", **wishes):
    """A client that asks for a tunnel inner address and tunnels all that goes inside. `auth`: psk, pubkey or
    eap-mschapv2."""
    return _text({"connections": {"home": _connection(auth, 0, **wishes)}, "secrets": _secrets(1)})


def crowd(count):
    """Many clients in one charon, which all dial when it is loaded."""
    return _text({"connections": {f"home{n}": _connection("psk", n, child={"start_action": "start"})
                                  for n in range(count)},
                  "secrets": _secrets(count)})


def _connection(auth, number, mobike="yes", suite="aes256gcm16", dpd_delay="30s", child=None, **connection):
    local = {"psk": {"auth": "psk", "id": client_id(number)},
             "pubkey": {"auth": "pubkey", "certs": f"{client_id(number)}.crt", "id": client_id(number)},
             "eap-mschapv2": {"auth": "eap-mschapv2", "id": client_id(number), "eap_id": client_id(number)}}[auth]
    remote = {"auth": "psk" if auth == "psk" else "pubkey", "id": GATEWAY_ID}
    return {"version": 2, "remote_addrs": GATEWAY, "vips": "0.0.0.0", "mobike": mobike, "dpd_delay": dpd_delay,
            "proposals": PROPOSALS, "encap": "yes", "local": local, "remote": remote, **connection,
            "children": {"net": {"remote_ts": INSIDE, "esp_proposals": suite, "rekey_time": "1h", **(child or {})}}}
