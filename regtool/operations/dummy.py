"""Removing a tag where the registry only deletes by digest.

A dummy image that no one else has takes the tag over and is deleted by its digest, which takes the tag along. What the
tag pointed at is not touched. regclient does the same. Where the registry deletes nothing at all, the tag is put back.
"""

import json
import os
from datetime import UTC, datetime

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, RegtoolError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place
from regtool.operations.publish import publish
from regtool.planning.plan import BlobMove, Plan, TagMove
from regtool.planning.removal import TagDrop
from regtool.stores.places import Stores
from regtool.stores.protocols import Deletes


async def remove_by_dummy(drop: TagDrop, target: Place, stores: Stores, deleting: Deletes) -> None:
    """Removes the tag from `target`, whose store is `deleting`.

    Raises ConflictError if the registry does not delete; then the tag is as it was.
    """
    old = await stores.at(target).manifest(drop.was)
    plan = _dummy(drop, target, types.is_docker(old.media_type))
    await publish(plan, stores)
    try:
        await deleting.delete_manifest(plan.root.digest)
    except RegtoolError as refusal:
        await publish(Plan(target, (), (), old, (TagMove(drop.tag, drop.was, plan.root.digest),)), stores)
        raise ConflictError(
            str(target.at(drop.tag)), f"cannot be removed, and is as it was: {refusal.why}", refusal.hint
        ) from None


def _dummy(drop: TagDrop, target: Place, docker: bool) -> Plan:
    """An image without layers, of the family that the registry has taken for this tag before."""
    config = _json(
        {
            "created": datetime.now(UTC).isoformat(),
            "architecture": "unknown",
            "os": "unknown",
            "config": {"Labels": {"regtool.dummy": f"to remove the tag {drop.tag}, {os.urandom(16).hex()}"}},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
    )
    family = (types.DOCKER_MANIFEST, types.DOCKER_CONFIG) if docker else (types.OCI_MANIFEST, types.OCI_CONFIG)
    blob = Descriptor.of(family[1], Digest.of(config), len(config))
    document = {"schemaVersion": 2, "mediaType": family[0], "config": blob.as_json(), "layers": []}
    root = Manifest.written(family[0], _json(document), f"dummy for {target.at(drop.tag)}")
    return Plan(target, (BlobMove(blob, config),), (), root, (TagMove(drop.tag, root.digest, drop.was),), guarded=True)


def _json(document: dict[str, object]) -> bytes:
    return json.dumps(document).encode()
