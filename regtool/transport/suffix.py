"""Who owns a domain name: the part below a public suffix such as `com`, `co.uk` or `azurecr.io` (publicsuffix.org)."""

from functools import cache

# Shared registry services that the list leaves out: who has one name there does not own the others.
_SHARED = ("azurecr.io", "azurecr.cn", "azurecr.us", "jfrog.io")


@cache
def registrable(host: str) -> str | None:
    """The domain that was registered to give this host its name, None where there is none (addresses, `localhost`)."""
    for suffix in _SHARED:
        if host.endswith(f".{suffix}"):
            return f"{host.removesuffix(f'.{suffix}').rpartition('.')[2]}.{suffix}"
    # Reading the list takes longer than everything else in a short command, and few registries need it.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList().privatesuffix(host) if "." in host else None


def are_siblings(one: str, other: str) -> bool:
    """Whether two host names belong to the same owner. Only names do: IP addresses are never siblings."""
    if one.rpartition(".")[2].isdigit() or ":" in one:
        return False
    owner = registrable(one)
    return owner is not None and owner == registrable(other)
