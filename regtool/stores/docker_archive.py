"""What `docker save` wrote before engine 25, and what crane writes: `manifest.json` with a configuration and layers.

Such an archive has no manifests, so they are made here, always the same from the same archive. The layers stay as they
lie there, mostly unpacked tar files; their digests are the ones that the configuration lists, or are computed where
a layer is packed. Everything is checked against its digest when it is read. The types are OCI's, as of what newer
engines save, and as every tool reads them in a layout.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, TypeGuard

from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageConfig
from regtool.documents.index import encode
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.documents.strict_json import load_array, load_object
from regtool.errors import ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.stores.archive_file import DOCKER_INDEX, TarFile
from regtool.stores.layout_index import REF_NAME, LayoutIndex
from regtool.stores.read import MAX_CONFIG
from regtool.stores.tar_index import Member

_LAYER = "application/vnd.oci.image.layer.v1.tar"
_PACKED = {b"\x1f\x8b": "+gzip", b"\x28\xb5\x2f\xfd": "+zstd"}
_MOST_LINKS = 8
_CHUNK = 1024 * 1024  # bytes that are hashed at once


def read_docker(file: TarFile) -> tuple[LayoutIndex, Mapping[Digest, Member], Mapping[Digest, Manifest]]:
    """The images of such an archive: an index, where the blobs lie, and the manifests. Raises ContentError."""
    what = f"{DOCKER_INDEX} in {file.path}"
    rows = load_array(file.small(_followed(file, DOCKER_INDEX), MAX_MANIFEST), what)
    blobs: dict[Digest, Member] = {}
    made: dict[Digest, Manifest] = {}
    entries: list[dict[str, Any]] = []
    for row in rows:
        manifest = _manifest(file, _words(row, what), blobs)
        made[manifest.digest] = manifest
        names = row.get("RepoTags") or []
        described = manifest.descriptor.as_json()
        entries += [described | {"annotations": {REF_NAME: name}} for name in names] or [described]
    return LayoutIndex.of(entries), blobs, made


def _words(row: object, what: str) -> tuple[str, list[str]]:
    """The names of the configuration and of the layers in one row."""
    if not isinstance(row, dict):
        raise ContentError(what, "is not a list of images")
    config, layers, names = row.get("Config"), row.get("Layers"), row.get("RepoTags") or []
    if not isinstance(config, str) or not _are_words(layers) or not _are_words(names):
        raise ContentError(what, "has an image without Config, Layers or RepoTags in their form")
    return config, layers


def _are_words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _manifest(file: TarFile, words: tuple[str, list[str]], blobs: dict[Digest, Member]) -> Manifest:
    """The manifest of one image; adds what it is made of to `blobs`."""
    member = _followed(file, words[0])
    content = file.small(member, MAX_CONFIG)
    what = f"{words[0]} in {file.path}"
    view = ImageConfig.view(load_object(content, what), what)
    ids = (view.rootfs or {}).get("diff_ids")
    if not isinstance(ids, list) or len(ids) != len(words[1]):
        raise ContentError(what, "does not name as many layers as there are")
    config = Descriptor.of(types.OCI_CONFIG, Digest.of(content), len(content))
    blobs[config.digest] = member
    layers = [_layer(file, name, diff_id, blobs) for name, diff_id in zip(words[1], ids, strict=True)]
    document = {
        "schemaVersion": 2,
        "mediaType": types.OCI_MANIFEST,
        "config": config.as_json(),
        "layers": [layer.as_json() for layer in layers],
    }
    return Manifest.written(types.OCI_MANIFEST, encode(document), f"{file.path}@{config.digest}")


def _layer(file: TarFile, name: str, diff_id: object, blobs: dict[Digest, Member]) -> Descriptor:
    """The descriptor of a layer as it lies there. Of an unpacked one the configuration says the digest."""
    member = _followed(file, name)
    head = file.open(member).read(4)
    packed = next((suffix for magic, suffix in _PACKED.items() if head.startswith(magic)), "")
    try:
        digest = _hashed(file, member) if packed else Digest.parse(str(diff_id))
    except UsageError:
        raise ContentError(f"{name} in {file.path}", f"has no digest but {diff_id!r}") from None
    blobs[digest] = member
    return Descriptor.of(f"{_LAYER}{packed}", digest, member.size)


def _hashed(file: TarFile, member: Member) -> Digest:
    section, found = file.open(member), hashlib.sha256()
    while chunk := section.read(_CHUNK):
        found.update(chunk)
    return Digest("sha256", found.hexdigest())


def _followed(file: TarFile, name: str) -> Member:
    """A member by name, over links to other members: older engines save a layer that two images share only once."""
    for _ in range(_MOST_LINKS):
        member = file.members.get(name)
        if member is None:
            raise ContentError(str(file.path), f"holds no file {name!r}", "it may be cut off: make or fetch it again")
        if member.target is None:
            return member
        name = member.target
    raise ContentError(str(file.path), f"holds links that lead nowhere: {name!r}")
