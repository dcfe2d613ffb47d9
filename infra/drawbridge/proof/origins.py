"""Where requests come from: addresses and VPCs inside of the networks of an access, and right beside them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

VPC = "vpc-"  # how the ids of VPCs begin; said here a second time, as what storages spell is on trial
ANOTHER = f"{VPC}00000000000000000"


def key(origin: str) -> dict[str, str]:
    """The condition key that tells of an origin: a request through a VPC's endpoint has no public address."""
    if not origin:
        return {}
    return {"aws:SourceVpc" if origin.startswith(VPC) else "aws:SourceIp": origin}


def inside(networks: Sequence[str]) -> list[str]:
    """The first and the last address of each network, and each VPC."""
    return list(dict.fromkeys(origin for network in networks for origin in _ends(network)))


def outside(networks: Sequence[str]) -> list[str]:
    """The addresses right before and right after each network that are in none, another VPC, and no origin at all."""
    ranges = [ipaddress.ip_network(network) for network in networks if not network.startswith(VPC)]
    around = [one for network in ranges for one in _around(network)]
    free = [str(one) for one in around if not any(one in network for network in ranges)]
    return list(dict.fromkeys([*free, ANOTHER, ""]))


def _ends(network: str) -> Iterator[str]:
    if network.startswith(VPC):
        yield network
    else:
        found = ipaddress.ip_network(network)
        yield from (str(found[0]), str(found[-1]))


def _around(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for edge, step in ((network[0], -1), (network[-1], 1)):
        if int(edge) + step in range(2**network.max_prefixlen):
            yield edge + step
