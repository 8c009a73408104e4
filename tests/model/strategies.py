"""Random values of the model, for the properties of this and the upper floors."""

import string

from hypothesis import settings
from hypothesis import strategies as some

from regtool.model.digest import HEX_LENGTHS, Digest
from regtool.model.host import DOCKER_HUB, usual_host
from regtool.model.platform import Platform
from regtool.model.reference import Reference, Repository, Tag

# A loaded machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

HEX = "0123456789abcdef"


def _digests_of(algorithm: str, length: int) -> some.SearchStrategy[Digest]:
    return some.text(HEX, min_size=length, max_size=length).map(lambda encoded: Digest(algorithm, encoded))


digests = some.one_of(*(_digests_of(algorithm, length) for algorithm, length in HEX_LENGTHS.items()))
tags = some.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", fullmatch=True).map(Tag)

_label = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?"
_names = some.from_regex(rf"{_label}(\.{_label}){{1,3}}(:[1-9][0-9]{{0,3}})?", fullmatch=True)
_addresses = some.builds("[{}]:{}".format, some.ip_addresses(v=6), some.integers(1, 65535))
hosts = some.one_of(some.just("docker.io"), some.just("localhost"), _names, _addresses)

_component = r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}"
paths = some.from_regex(rf"{_component}(/{_component}){{0,4}}", fullmatch=True)


def _as_docker_hub_has_it(host: str, path: str) -> Repository:
    host = usual_host(host)
    return Repository(host, f"library/{path}" if host == DOCKER_HUB and "/" not in path else path)


repositories = some.builds(_as_docker_hub_has_it, hosts, paths)
references = some.one_of(
    some.builds(Reference, repositories, tags, some.none() | digests),
    some.builds(Reference, repositories, some.none(), digests),
)

# With a prefix that is neither a system nor an architecture, so that a text means one thing only.
_words = some.text(string.ascii_letters + string.digits + "_.-", max_size=10).map("my-".__add__)
_systems = some.sampled_from(("linux", "Linux", "windows", "darwin", "macOS", "freebsd", "unknown")) | _words
_architectures = (
    some.sampled_from(("amd64", "x86_64", "AMD64", "arm64", "aarch64", "arm", "armhf", "armel", "386", "i686", "s390x"))
    | _words
)
_variants = some.sampled_from(("", "v5", "v6", "v7", "v8", "V8", "7", "8", "v1", "v2", "v8.0", "9")) | _words

platforms = some.builds(
    Platform,
    _systems,
    _architectures,
    _variants,
    some.just("") | some.from_regex(r"10\.0\.[0-9]{5}(\.[0-9]{1,4})?", fullmatch=True),
    some.lists(some.sampled_from(("win32k", "nano", "gpu")), unique=True).map(tuple),
)
