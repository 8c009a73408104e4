"""Options that several commands share, each described once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from regtool.cli.completion import platforms, references
from regtool.cli.spelling import Argument, Option

CONNECTION = "Connection"
OUTPUT = "Output"


class Format(StrEnum):
    """How a result is written to standard output."""

    TEXT = "text"
    JSON = "json"


def _connection(*names: str, **details: Any) -> Any:
    return Option(*names, panel=CONNECTION, **details)


PlainHttp = Annotated[bool, _connection("--plain-http", help="Speak http to every registry. Loopback hosts do anyway.")]
Insecure = Annotated[
    list[str] | None,
    _connection("--insecure", metavar="HOST", help="Do not verify the TLS certificate of this registry; '*' for all."),
]
InsecureProxyAuth = Annotated[
    bool, _connection("--insecure-proxy-auth", help="Let a proxy see credentials for registries of plain http.")
]
HelperTimeout = Annotated[
    str, _connection("--helper-timeout", metavar="TIME", help="How long a credential helper may take: 30s, 2m.")
]
CaFile = Annotated[Path | None, _connection("--ca-file", metavar="FILE", help="Also trust these certificates (PEM).")]
Cert = Annotated[Path | None, _connection("--cert", metavar="FILE", help="Client certificate (PEM).")]
Key = Annotated[Path | None, _connection("--key", metavar="FILE", help="Key of the client certificate (PEM).")]
Timeout = Annotated[
    str | None,
    _connection("--timeout", metavar="TIME", help="Deadline of one request with all its retries: 90s, 2m; else 60s."),
]
AuthRealm = Annotated[
    list[str] | None,
    _connection(
        "--auth-realm",
        metavar="REGISTRY=HOST",
        help="HOST is the token server of REGISTRY: it may have its credentials.",
    ),
]

Output = Annotated[Format, Option("--output", "-o", help="Form of the result.", panel=OUTPUT)]
Verbose = Annotated[
    bool,
    Option("--verbose", "-v", help="Show each request with its time, never a secret.", panel=OUTPUT),
]
Quiet = Annotated[bool, Option("--quiet", "-q", help="No words on standard error unless it fails.", panel=OUTPUT)]

Name = Annotated[
    str,
    Argument(
        metavar="REF",
        help="The image: host/repository:tag or …@sha256:…; also oci:DIR, oci-archive:FILE.",
        complete=references,
    ),
]
OnePlatform = Annotated[
    str | None,
    Option("--platform", metavar="OS/ARCH", help="The image for this platform.", complete=platforms),
]
Tags = Annotated[
    list[str] | None,
    Option("--tag", "-t", metavar="TAG", help="Write this tag, too; host/repository:tag elsewhere. May be repeated."),
]
DryRun = Annotated[bool, Option("--dry-run", help="Show the plan and what would change; write nothing.")]
Yes = Annotated[bool, Option("--yes", "-y", help="Do not ask. Needed where nobody can answer.")]
Dummy = Annotated[
    bool,
    Option(
        "--dummy", help="Where a registry cannot delete a tag: move it to a dummy image, and delete that by digest."
    ),
]
KeepOld = Annotated[
    str | None,
    Option(
        "--keep-old",
        metavar="TAG",
        help="Pin what the tag was with this tag, so that no clean-up takes it. {tag} is the tag's own name.",
    ),
]
HubOr = Annotated[str, Argument(metavar="REGISTRY", help="The registry: host or host:port.")]
