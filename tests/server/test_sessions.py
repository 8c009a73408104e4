"""Uploads are files: they outlive the registry, and do not outlive their use for long."""

import os
import time
from pathlib import Path

import httpx
import pytest

from regtool.server.app import create_app
from regtool.server.problems import Problem
from regtool.server.sessions import MAX_UPLOADS, Uploads
from tests.server.conftest import Listener
from tests.server.pushing import Pusher, digest_of


def age(folder: Path, seconds: float) -> None:
    """Makes every upload look as if nothing had come for so long."""
    then = time.time() - seconds
    for path in folder.iterdir():
        os.utime(path, (then, then))


async def test_an_upload_goes_on_in_a_registry_that_was_started_anew(
    client: httpx.AsyncClient, listener: Listener, root: Path
) -> None:
    place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
    await client.patch(place, content=b"before ")

    listener.switchboard.current = create_app(root)

    assert (await client.get(place)).headers["range"] == "0-6"
    await client.patch(place, content=b"after", headers={"Content-Range": "7-11"})
    done = await client.put(place, params={"digest": digest_of(b"before after")})
    assert done.status_code == 201


async def test_a_content_that_is_pushed_is_there_after_a_new_start(
    pusher: Pusher, listener: Listener, root: Path
) -> None:
    manifest = await pusher.image(tag="1.0")

    listener.switchboard.current = create_app(root)

    assert (await pusher.get("manifests/1.0")).content == manifest


def test_a_new_start_drops_what_is_a_day_old(tmp_path: Path) -> None:
    old, recent = tmp_path / "old", tmp_path / "recent"
    for folder, hours in ((old, 25), (recent, 23)):
        upload = Uploads(folder).begin("app")
        age(folder, hours * 3600)
        kept = Uploads(folder)

        if hours < 24:
            assert kept.find("app", upload.identifier).size == 0
        else:
            with pytest.raises(Problem):
                kept.find("app", upload.identifier)


def test_idle_uploads_make_room_for_new_ones(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for _ in range(MAX_UPLOADS):
        uploads.begin("app")
    with pytest.raises(Problem):
        uploads.begin("app")

    age(tmp_path, 61 * 60)

    assert uploads.begin("app").size == 0
    assert len(list(tmp_path.iterdir())) == 1
