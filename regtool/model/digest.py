"""The name of content: an algorithm and the hash of the exact bytes (OCI image-spec, descriptor.md "Digests")."""

import hashlib
import re
from typing import Self

from regtool.errors import ContentError, UsageError
from regtool.values import dataclass

HEX_LENGTHS = {"sha256": 64, "sha512": 128}
_LOWER_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A digest such as `sha256:9f86d0…`: always a known algorithm and lower-case hex of the right length.

    Because nothing else can be constructed, a digest is safe as part of a path or a URL.
    """

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        length = HEX_LENGTHS.get(self.algorithm)
        if length is None:
            raise UsageError(str(self), "not a digest", f"known algorithms are {', '.join(HEX_LENGTHS)}")
        if len(self.hex) != length or not _LOWER_HEX.fullmatch(self.hex):
            raise UsageError(str(self), "not a digest", f"{self.algorithm} takes {length} lower-case hex digits")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `algorithm:hex`. Raises UsageError."""
        algorithm, colon, encoded = text.partition(":")
        if not colon:
            raise UsageError(text or "an empty digest", "not a digest", "write it as sha256:<64 hex digits>")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, content: bytes, algorithm: str = "sha256") -> Self:
        """The digest over exactly these bytes."""
        return cls(algorithm, hashlib.new(algorithm, content).hexdigest())

    @property
    def short(self) -> str:
        """The first twelve hex digits, for tables; never for lookups."""
        return self.hex[:12]

    @property
    def as_tag(self) -> str:
        """The name of the tag that is about what has this digest (OCI distribution-spec, "Referrers Tag Schema")."""
        return f"{self.algorithm}-{self.hex[:64]}"

    def verify(self, content: bytes, what: str) -> None:
        """Raises ContentError, naming `what`, unless the digest over `content` is this one."""
        actual = Digest.of(content, self.algorithm)
        if actual != self:
            raise ContentError(what, f"content has digest {actual}, not {self}", "the registry or a proxy altered it")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
