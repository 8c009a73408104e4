"""How far inside an IP address lies, and whether a registry at one may send its clients to another.

A registry on the internet has no business with the client's own network or machine; a registry inside has. Link-local
addresses (where clouds serve their credentials) are nobody's destination.
"""

import ipaddress
import socket
from enum import IntEnum


class Depth(IntEnum):
    """From outside to inside."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    NOWHERE = 3  # link-local, unspecified, multicast, reserved


_WORDS = {
    Depth.PRIVATE: "a private address",
    Depth.LOOPBACK: "this machine itself",
    Depth.NOWHERE: "an address that no registry is entitled to name",
}
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def depth_of(address: str) -> Depth:
    """Where this IP address lies. IPv4 wrapped into IPv6 counts as what is wrapped."""
    ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_loopback:
        return Depth.LOOPBACK
    if ip.is_link_local or ip.is_unspecified or ip.is_multicast or _is_unassigned(ip):
        return Depth.NOWHERE
    return Depth.PUBLIC if ip.is_global else Depth.PRIVATE


def objection(address: str, registry: Depth) -> str | None:
    """Why a registry that lies at `registry` must not send anyone to `address`; None if it may."""
    depth = depth_of(address)
    if depth == Depth.NOWHERE or depth > registry:
        return _WORDS[depth]
    return None


def is_literal(host: str) -> bool:
    """Whether `host` is an IP address in its usual spelling."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_disguised(host: str) -> bool:
    """Whether `host` is an IPv4 address in a spelling that only the C library reads: `2130706433`, `0x7f.1`."""
    if is_literal(host):
        return False
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _is_unassigned(ip: Address) -> bool:
    return isinstance(ip, ipaddress.IPv4Address) and (ip.is_reserved or ip in _THIS_NETWORK)


def _unwrapped(ip: Address) -> Address:
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip in _NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
