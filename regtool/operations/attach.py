"""`attach`: files that say something about an image, such as an SBOM, stored beside it. No tag is touched."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from regtool.documents.descriptor import Descriptor
from regtool.errors import StorageError, UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.events import Listener, ignore
from regtool.operations.inspect import read
from regtool.operations.packing import Attachment, packed
from regtool.operations.publish import publish
from regtool.planning.plan import Plan
from regtool.stores.places import Stores
from regtool.values import dataclass

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")


@dataclass(frozen=True, slots=True)
class AttachRequest:
    """An image, or its image for one platform, and what to attach to it."""

    subject: Reference
    files: tuple[Attachment, ...]
    artifact_type: str
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, subject: str, files: Sequence[str], artifact_type: str, *, platform: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> Self:  # fmt: skip
        """Reads the words of the command line: an image, files as `FILE` or `FILE:TYPE`, the type of the artifact.

        Raises UsageError, StorageError for a file that is not there.
        """
        if not _MEDIA_TYPE.fullmatch(artifact_type):
            raise UsageError(artifact_type, "is no media type", "write it like application/vnd.cyclonedx+json")
        if not files:
            raise UsageError(subject, "no file to attach", "name at least one")
        found = tuple(_attachment(text, artifact_type) for text in files)
        wanted = Platform.parse(platform) if platform else None
        return cls(Reference.parse(subject), found, artifact_type, wanted, annotations or {})


async def plan_attach(request: AttachRequest, stores: Stores, scratch: Path) -> Plan:
    """Packs the files and names the image by its digest. Writes nothing but what it needs into the folder `scratch`."""
    stores.expect(writes=[request.subject.place])
    manifest = await read(request.subject, stores, request.platform)
    subject = Descriptor.of(manifest.media_type, manifest.digest, len(manifest.content))
    made = await asyncio.to_thread(packed, request.files, request.artifact_type, subject, request.annotations, scratch)
    return Plan(request.subject.place, made.blobs, (), made.manifest, ())


async def attach(request: AttachRequest, stores: Stores, listen: Listener = ignore) -> Plan:
    """Attaches the files, and has the registry list them under the image."""
    with TemporaryDirectory() as scratch:
        plan = await plan_attach(request, stores, Path(scratch))
        await publish(plan, stores, listen)
    return plan


def _attachment(text: str, artifact_type: str) -> Attachment:
    """Reads `FILE` or `FILE:TYPE`; a file's own type is that of the artifact unless it is named."""
    name, colon, media_type = text.rpartition(":")
    if not colon or not _MEDIA_TYPE.fullmatch(media_type):
        name, media_type = text, artifact_type
    path = Path(name)
    if not path.exists():
        raise StorageError(name or "an empty name", "no such file or directory")
    if ":" in str(path):
        raise UsageError(name, "has a ':' in its name", "attach it under another name")
    return Attachment(path, media_type)
