"""What certain registries do in a way of their own, done by a proxy before a registry that has no such ways.

`docs/registries.md` says which registry is known for what.
"""

import base64
import json
import re
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError, NotFoundError
from regtool.model.digest import Digest
from regtool.model.reference import Repository, Tag
from regtool.operations.delete import delete
from regtool.operations.inspect import resolve
from regtool.operations.listing import list_tags
from regtool.operations.remove import RemoveRequest, plan_remove
from regtool.transport.credential import Password
from tests.faults.proxy import Answered, Forward, changed, instead
from tests.faults.rows.arranging import always, header, pushing
from tests.faults.world import READ, WRITE, World, a_world
from tests.registries import RunningRegistry
from tests.transport.scripted import Reply, Scripted, Seen, answer, refusal


@pytest.fixture
async def world(debian_registry: RunningRegistry) -> AsyncIterator[World]:
    async with a_world(debian_registry) as made:
        yield made


def place(world: World) -> Repository:
    return Repository.parse(f"{world.host}/{world.repository}")


def asks_for(user: str, password: str, challenge: str) -> object:
    """A rule that lets pass who shows these credentials."""
    expected = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"

    async def react(seen: Seen, forward: Forward) -> Reply:
        if seen.headers.get("authorization") == expected:
            return (await forward(seen)).encode()
        return answer(401, headers={"WWW-Authenticate": challenge})

    return react


class TestLogin:
    """Challenges and names."""

    @pytest.mark.parametrize(
        ("user", "challenge"),
        [
            ("AWS", 'Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"'),
            ("robot$project+ci", 'Basic realm="harbor"'),
            ("_json_key", "Basic realm=''"),
            ("00000000-0000-0000-0000-000000000000", 'basic Realm="x"'),
            ("token", 'Negotiate, Basic realm="proxy"'),
        ],
    )
    async def test_basic_is_answered_whatever_else_the_challenge_says(
        self, world: World, user: str, challenge: str
    ) -> None:
        world.settings["credentials"] = {world.host: Password(user, "pass:word")}
        world.proxy.on("", asks_for(user, "pass:word", challenge))  # type: ignore[arg-type]
        outcome = await world.create()

        assert outcome.code == 0, outcome.message


class TestReading:
    """Answers that lack something, or have too much."""

    async def test_what_a_head_does_not_say_is_read(self, world: World) -> None:
        for name in ("Docker-Content-Digest", "Content-Type", "x-length"):
            world.proxy.heal()
            world.proxy.on("HEAD", changed(header(name, None)))
            async with world.stores() as stores:
                found = await stores.at(place(world)).resolve(Tag("amd64"))

            assert isinstance(found, Descriptor)
            assert world.proxy.asked[-1].startswith("GET")

    async def test_a_media_type_may_have_parameters(self, world: World) -> None:
        def with_charset(said: Answered) -> Answered:
            return said.with_header("Content-Type", f"{said.header('content-type')}; charset=utf-8")

        world.proxy.on("(GET|HEAD) .*/manifests/", changed(with_charset))

        assert (await world.create()).code == 0

    async def test_every_type_is_asked_for_as_some_send_404_for_what_is_not(self, world: World) -> None:
        async def strict(seen: Seen, forward: Forward) -> Reply:
            said = await forward(seen)
            if said.status == 200 and said.header("content-type") not in seen.headers["accept"]:
                return refusal(404, "MANIFEST_UNKNOWN", "OCI index found, but Accept header does not support it")
            return said.encode()

        world.proxy.on("(GET|HEAD) .*/manifests/", strict)

        assert (await world.create()).code == 0
        for listed in ("oci.image.index.v1", "distribution.manifest.list.v2", "oci.image.manifest.v1"):
            assert listed in world.proxy.seen[0].headers["accept"]

    async def test_a_web_page_is_no_list_of_referrers(self, world: World) -> None:
        async with Scripted(lambda seen: answer(200, b"<html>", {"Content-Type": "text/html"})) as pages:
            world.proxy.on("/referrers/", instead(answer(303, headers={"Location": f"http://{pages.host}/package"})))
            async with world.stores() as stores:
                with pytest.raises(NotFoundError, match="has no referrers API"):
                    await stores.at(place(world)).referrers(Digest.parse(world.expected))

    @pytest.mark.parametrize(
        "code", ["TOOMANYREQUESTS", "TOO_MANY_REQUEST", "plain text"], ids=["as specified", "Harbor", "Docker Hub"]
    )
    async def test_too_many_requests_are_that_in_every_dialect(self, world: World, code: str) -> None:
        words = "toomanyrequests: You have reached your pull rate limit"
        said = answer(429, words, {"Content-Type": "text/plain"}) if " " in code else refusal(429, code, words)
        world.proxy.on(READ, instead(said))
        outcome = await world.create()

        assert outcome.code == 5
        assert "You have reached your pull rate limit" in outcome.message


class TestListing:
    """Pages of tags."""

    LINKS: ClassVar = {
        "relative, with more parameters (ACR)": '</v2/{path}/tags/list?last={last}&n=2&orderby=>; rel="next"',
        "without quotes": "</v2/{path}/tags/list?last={last}&n=2>; rel=next",
        "only the query": '<?last={last}&n=2>; rel="next"',
        "absolute (Quay)": '<http://{host}/v2/{path}/tags/list?last={last}&n=2>; rel="next"',
        "among others": '</first>; rel="first", </v2/{path}/tags/list?last={last}&n=2>; rel="next"',
    }

    @pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
    async def test_links_are_followed_in_every_form(self, world: World, link: str) -> None:
        names = [f"t{number}" for number in range(5)]

        async def pages(seen: Seen, forward: Forward) -> Reply:
            last = re.search(r"last=(\w*)", seen.target)
            start = names.index(last[1]) + 1 if last else 0
            some = names[start : start + 2]
            more = link.format(path=world.repository, host=world.host, last=some[-1])
            return answer(200, {"name": "x", "tags": some}, {"Link": more} if start + 2 < len(names) else {})

        world.proxy.on("/tags/list", pages)
        async with world.stores() as stores:
            assert [tag.name async for tag in stores.at(place(world)).tags()] == names

    async def test_pages_that_go_round_in_a_circle_are_refused(self, world: World) -> None:
        here = {"Link": f'</v2/{world.repository}/tags/list?last=a>; rel="next"'}
        world.proxy.on("/tags/list", instead(answer(200, {"name": "x", "tags": ["a"]}, here)))
        async with world.stores() as stores:
            with pytest.raises(ContentError, match="go round in a circle"):
                assert [tag async for tag in stores.at(place(world)).tags()]

    async def test_no_tags_may_be_said_as_null(self, world: World) -> None:
        world.proxy.on("/tags/list", instead(answer(200, b'{"name": "x", "tags": null}')))
        async with world.stores() as stores:
            assert [tag async for tag in stores.at(place(world)).tags()] == []


class TestWriting:
    """What is refused, and in which words."""

    async def test_a_tag_that_fits_is_not_written_where_even_that_is_refused(self, world: World) -> None:
        assert (await world.create()).code == 0
        always(WRITE, instead(refusal(400, "TAG_INVALID", "cannot be overwritten: the repository is immutable")))(world)
        again = await world.create()

        assert again.code == 0
        assert world.proxy.rules[0].met == 0

    @pytest.mark.parametrize(
        "words",
        [
            refusal(400, "MANIFEST_BLOB_UNKNOWN", "Images with digests '[sha256:0]' required for pushing image"),
            refusal(400, "MANIFEST_INVALID", "Could not find child manifest with digest sha256:0"),
        ],
        ids=["Amazon ECR", "Quay"],
    )
    async def test_a_missing_image_is_that_in_every_dialect(self, world: World, words: bytes) -> None:
        async def clean(seen: Seen, forward: Forward) -> Reply:
            digest = json.loads(seen.body)["manifests"][0]["digest"]
            target = f"/v2/{world.repository}/manifests/{digest}"
            await forward(Seen("DELETE", target, {"host": world.host}, b""))
            return words

        world.proxy.on(WRITE, clean)
        outcome = await world.create()

        assert outcome.code == 7
        assert "which this repository does not have any more" in outcome.message

    @pytest.mark.parametrize("status", [200, 202, 204])
    async def test_a_write_may_be_confirmed_by_other_codes(self, world: World, status: int) -> None:
        world.proxy.on(WRITE, changed(lambda said: Answered(status, said.headers, b"")))

        assert (await world.create()).code == 0

    async def test_an_upload_location_may_be_relative(self, world: World) -> None:
        def relative(said: Answered) -> Answered:
            return said.with_header("Location", re.sub(r"^http://[^/]+", "", said.header("location")))

        pushing(always("POST", changed(relative)))(world)

        assert (await world.create()).code == 0
        assert world.now() == world.expected

    async def test_a_type_that_is_not_stored_is_told_in_the_registrys_words(self, world: World) -> None:
        world.proxy.on(WRITE, instead(refusal(415, "MANIFEST_INVALID", "docker media types are not enabled")))
        outcome = await world.create()

        assert outcome.code == 8
        assert "docker media types are not enabled" in outcome.message


class TestDeleting:
    """Registries that want their tags gone first."""

    async def test_tags_go_before_their_manifest_where_it_is_refused_otherwise(
        self, embedded_registry: RunningRegistry
    ) -> None:
        async with a_world(embedded_registry) as world:
            dangling = refusal(400, "GOOGLE_MANIFEST_DANGLING_TAG", "Manifest is still referenced by tag: amd64")

            async def strict(seen: Seen, forward: Forward) -> Reply:
                by_digest = "sha256:" in seen.target
                return dangling if by_digest and world.now("amd64") else (await forward(seen)).encode()

            world.proxy.on("DELETE", strict)
            async with world.stores() as stores:
                digest = await resolve(place(world).at(Tag("amd64")), stores)
                request = RemoveRequest.parse([f"{place(world)}@{digest}"], force=True)
                for removal in (await plan_remove(request, stores)).removals:
                    await delete(removal, stores)
                left = [tag.name async for tag in list_tags(place(world), stores)]

        assert left == ["1.0", "arm64"]
