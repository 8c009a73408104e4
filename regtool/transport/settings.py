"""What the user may choose about the connection, for all registries and for each."""

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from regtool.transport.credential import Credential
from regtool.values import dataclass

DEFAULT_TIMEOUT = 60.0
DEFAULT_CONCURRENCY = 17  # sixteen images and the tag that they go to are looked at in one round trip
DEFAULT_HELPER_TIMEOUT = 15.0
USER_AGENT = "regtool"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """What the configuration file says about one registry; None means that it says nothing.

    `mirrors` are asked first when something is only read. `auth_realms` are hosts that may be given this registry's
    credentials as its token server, `storage` hosts that it may redirect to whatever address they have.
    """

    plain_http: bool | None = None
    insecure: bool | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    mirrors: tuple[str, ...] = ()
    concurrency: int | None = None
    auth_realms: frozenset[str] = frozenset()
    storage: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach registries.

    `plain_http` is for every host that the user names; loopback hosts speak http anyway, unless TLS is set up for them.
    `insecure` skips the verification of certificates, for all hosts or the ones named. `timeout` is the total for one
    request with all its retries, in seconds; transfers of blobs have a floor of throughput instead. `concurrency` is
    per host. `max_requests` is for the whole run; `reserve` is how many requests of a registry's quota are left alone
    (None: nobody counts). `credentials` come before every other source and are bound to their host; `anonymous` uses
    none at all. `environ` and `home` are where the other sources and the proxies are looked up.
    """

    plain_http: bool = False
    insecure: bool | frozenset[str] = False
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    timeout: float = DEFAULT_TIMEOUT
    concurrency: int = DEFAULT_CONCURRENCY
    max_requests: int | None = None
    reserve: int | None = None
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    anonymous: bool = False
    auth_realms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    insecure_proxy_auth: bool = False
    helper_timeout: float = DEFAULT_HELPER_TIMEOUT
    user_agent: str = USER_AGENT
    hosts: Mapping[str, HostSettings] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    home: Path = field(default_factory=Path.home)

    def host(self, name: str) -> HostSettings:
        """What is set for this registry, empty if nothing is."""
        return self.hosts.get(name, HostSettings())

    def concurrency_for(self, name: str) -> int:
        """How many requests at a time this registry gets."""
        return self.host(name).concurrency or self.concurrency

    def skips_verification(self, name: str) -> bool:
        """Whether the certificate of this registry is not checked."""
        named, own = self.insecure, self.host(name).insecure
        if isinstance(named, frozenset) and not named.isdisjoint((name, name.removesuffix(":443"))):
            return True
        return own if own is not None else named is True

    def skips_security(self, name: str) -> bool:
        """Whether the user wants this registry reached in plain http, or without a look at its certificate."""
        own = self.host(name).plain_http
        return self.skips_verification(name) or (self.plain_http if own is None else own)
