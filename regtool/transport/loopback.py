"""Names of this very machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether this host name can only be this machine: `localhost` and names below it, 127.0.0.0/8, ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
