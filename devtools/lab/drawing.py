# SPDX-License-Identifier: BSD-3-Clause
"""Where the mobile is, and what a packet to it looks like there, for a terminal."""

MAP = """\
   {train}  train  ---- FA ---.                                        .--- office host
   {cafe}  cafe   ---- NAT --+                                        +--- home link  {home}
   {hotel}  hotel  ---- NAT --+--- internet ---[ x-HA | VPN | i-HA ]---+--- R ---+------------ office  {office}
   {street}  street -----------'                     the box                      +---- FA ---- branch  {branch}
                                                                              '------------ server
"""
HERE, ELSEWHERE = "(MN)", "    "
PLACES = ("train", "cafe", "hotel", "street", "office", "branch", "home")
# What stands around the user's packet on the mobile's link, by access mode (RFC 5265 figure 1).
STACKS = {
    "home": "packet",
    "c": "IP [ packet ]",
    "f": "packet",
    "mc": "IP {natt}ESP [ IP [ packet ] ]",
    "cvc": "IP {mip}[ IP {natt}ESP [ IP [ packet ] ] ]",
    "fvc": "IP {natt}ESP [ IP [ packet ] ]",
}


def where(place):
    """The map with the mobile at the place of this name."""
    drawn = MAP.format(**{name: HERE if name == place else ELSEWHERE for name in PLACES})
    return "\n".join(line.rstrip() for line in drawn.splitlines())


def stack(mode, x_mip_in_udp, esp_in_udp):
    """The layers on the mobile's link in a mode."""
    return STACKS[mode].format(mip="UDP MIP " if x_mip_in_udp else "", natt="UDP " if esp_in_udp else "")
