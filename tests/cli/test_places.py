"""Copies, attachments and files as a user meets them."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.program import on_terminal, regtool
from tests.judges import skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry

BUILT = f"oci-archive:{FIXTURES}/buildx/multi.attested.oci.tar"
DIGEST = "sha256:c89e63242bced3eb13c7dd541ce70b1c53356bf80ec762d252b97de5ce1a1d79"
ARM64 = "sha256:2ee1c42a23f5a8f1cf6f140faea66a8181a5906cf68715668d05e2283e6026fb"
BOM = "application/vnd.cyclonedx+json"


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    return f"{registry.host}/{repository}"


class TestCreate:
    def test_takes_files_in_place_of_tags(self, name: str) -> None:
        legs = [f"oci-archive:{FIXTURES}/buildx/{arch}.attested.oci.tar" for arch in ("amd64", "arm64")]
        done = regtool(
            "create", f"{name}:1.0", *legs, f"docker-archive:{FIXTURES}/buildx/armv7.docker.tar=linux/arm/v7"
        )

        assert done.code == 0
        assert "linux/amd64, linux/arm64, linux/arm/v7" in regtool("ls", name, "--platforms").out

    def test_writes_files_too(self, tmp_path: Path) -> None:
        done = regtool("create", f"oci-archive:{tmp_path}/app.tar:1.0", BUILT, "--platform", "arm64")

        assert done.code == 0
        assert regtool("resolve", f"oci-archive:{tmp_path}/app.tar", "--platform", "arm64").out == f"{ARM64}\n"
        assert regtool("tag", f"oci-archive:{tmp_path}/app.tar:1.0", "latest").code == 0
        assert regtool("ls", f"oci-archive:{tmp_path}/app.tar").out == "1.0\nlatest\n"


class TestCopy:
    def test_standard_output_is_the_image_by_digest_alone(self, name: str) -> None:
        done = regtool("copy", BUILT, f"{name}:1.0", "-t", "latest")

        assert (done.code, done.out) == (0, f"{name}@{DIGEST}\n")
        assert f"{name}:latest is now {DIGEST} (read back)" in done.err
        assert "uploaded blob" in done.err

    def test_a_second_run_says_that_it_is_there(self, name: str) -> None:
        regtool("copy", BUILT, f"{name}:1.0")
        again = regtool("copy", BUILT, f"{name}:1.0")

        assert (again.code, again.out) == (0, f"{name}@{DIGEST}\n")
        assert again.err == f"  {name}:1.0 already at {DIGEST[:19]}\n"

    def test_a_dry_run_says_what_it_would_bring_and_brings_nothing(self, name: str) -> None:
        done = regtool("copy", BUILT, f"{name}:1.0", "--dry-run")

        assert f"+ {name}:1.0 -> {DIGEST[:19]}" in done.err
        assert "brings 6 manifests and up to 10 blobs" in done.err
        assert regtool("resolve", f"{name}:1.0").code == 3

    def test_every_tag_is_a_line(self, name: str, tmp_path: Path) -> None:
        for tag in ("1.0", "2.0"):
            regtool("copy", f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar", f"{name}:{tag}")
        done = regtool("copy", "--all-tags", name, f"oci:{tmp_path}/all", "--exclude", "2.*")

        assert [line.partition("@")[0] for line in done.out.splitlines()] == [f"oci:{tmp_path}/all:1.0"]
        assert regtool("copy", "-a", name, f"oci:{tmp_path}/all", "--output", "json").json["copies"][0]["source"]

    def test_converts_both_ways(self, name: str) -> None:
        done = regtool("copy", BUILT, f"{name}:1.0", "--type", "docker", "--convert")

        assert done.code == 0
        assert f"note: {ARM64} becomes sha256:" in done.err
        assert b"docker.distribution.manifest.list" in skopeo_inspect_raw(f"{name}:1.0")

    @pytest.mark.parametrize(
        ("words", "code", "why"),
        [
            (("copy", "oci:{0}/none", "oci:{0}/to"), 3, "is no OCI layout"),
            (("copy", "oci-archive:{0}/none.tar", "oci:{0}/to"), 3, "there is no such file"),
            (("copy", BUILT, "docker-archive:{0}/to.tar"), 2, "docker archives are only read; write oci-archive:"),
            (("copy", BUILT, "oci:{0}/to@" + DIGEST), 2, "a target is a tag, not a digest"),
            (("copy", BUILT, "oci:{0}/to", "--unwrap"), 2, "holds 3 images"),
            (
                ("copy", BUILT, "oci:{0}/to", "--platform", "s390x"),
                3,
                "has no image for linux/s390x; it has",
            ),
            (("copy", BUILT, "oci:{0}/to", "--include", "1.*"), 2, "add --all-tags"),
            (("copy", BUILT, "oci:{0}/to", "--convert"), 2, "add --type oci --convert, say"),
            (("copy", BUILT, "oci:{0}/to", "--type", "oci"), 2, "add --type oci --convert, say"),
            (("copy", BUILT, "oci:{0}/to", "--all-tags", "-t", "x"), 2, "--tag: names one tag"),
            (("copy", "oci:", "oci:{0}/to"), 2, "oci:: names no file"),
        ],
    )
    def test_what_cannot_be_is_one_line(self, words: tuple[str, ...], code: int, why: str, tmp_path: Path) -> None:
        done = regtool(*(word.format(tmp_path) for word in words))

        assert done.code == code
        assert why in done.err
        assert done.err.count("\n") == 1
        assert list(tmp_path.iterdir()) == []


class TestProgress:
    @pytest.mark.parametrize("command", ["copy {0} {1}:1.0", "create {1}:1.0 {0}", "apply -f {2}"])
    def test_is_a_bar_on_a_terminal_and_lines_elsewhere(self, command: str, name: str, tmp_path: Path) -> None:
        def words(place: str) -> list[str]:
            (tmp_path / "images.yaml").write_text(f"images: [{{target: '{place}:1.0', sources: ['{BUILT}']}}]")
            return command.format(BUILT, place, tmp_path / "images.yaml").split()

        program = [sys.executable, "-m", "regtool", *words(f"{name}/seen")]
        shown = on_terminal(program, "", "", environment={}).out
        told = regtool(*words(f"{name}/unseen")).err

        assert "\r\x1b[K[" in shown
        assert "/10 blobs" in shown
        assert "uploaded blob" not in shown
        assert "\x1b" not in told
        assert told.count("uploaded blob") == 10


class TestSeveralAtOnce:
    @pytest.mark.parametrize("place", ["oci:{0}/app", "oci-archive:{0}/app.tar"])
    def test_lose_nothing_of_each_other(self, place: str, tmp_path: Path) -> None:
        place, tags = place.format(tmp_path), [f"v{number}" for number in range(4)]
        source = f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar"
        with ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda tag: regtool("copy", source, f"{place}:{tag}"), tags))

        assert [outcome.code for outcome in done] == [0] * len(tags)
        assert regtool("ls", place).out.split() == tags


class TestUndo:
    @pytest.mark.parametrize("place", ["oci:app", "oci-archive:app.tar"])
    def test_takes_back_what_was_done_to_files_from_any_directory(
        self, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        state = {"XDG_STATE_HOME": f"{tmp_path}/state"}
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        scheme, _, path = place.partition(":")
        regtool("copy", f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar", f"{place}:1.0", **state)
        before = regtool("resolve", f"{place}:1.0").out
        regtool("copy", BUILT, f"{place}:1.0", **state)
        moves = regtool("history", f"{place}:1.0", **state).out.splitlines()
        monkeypatch.chdir(tmp_path)
        undone = regtool("undo", "--yes", **state)

        assert len(moves) == 2
        assert f"{scheme}:{tmp_path}/here/{path}:1.0" in moves[0]
        assert (undone.code, regtool("resolve", f"{scheme}:here/{path}:1.0").out) == (0, before)
        assert regtool("history", f"{scheme}:here/{path}:1.0", **state).out.count("\n") == 3

    def test_takes_back_every_tag_of_one_copy(self, name: str, tmp_path: Path) -> None:
        """However many there are: more than are copied together."""
        state = {"XDG_STATE_HOME": f"{tmp_path}/state"}
        tags = [f"v{number}" for number in range(70)]
        regtool("copy", f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar", f"{name}:v0", **state)
        regtool("tag", f"{name}:v0", *tags[1:], **state)
        copied = regtool("copy", "--all-tags", name, f"oci:{tmp_path}/all", **state)
        undone = regtool("undo", "--yes", **state)

        assert copied.out.count("\n") == len(tags)
        assert undone.code == 0
        assert regtool("ls", f"oci:{tmp_path}/all").out == ""

    def test_takes_back_what_one_command_did_in_several_places(self, tmp_path: Path) -> None:
        state = {"XDG_STATE_HOME": f"{tmp_path}/state"}
        names = [f"oci:{tmp_path}/{place}:1.0" for place in ("one", "two")]
        for name in names:
            regtool("copy", BUILT, name, **state)
        assert regtool("rm", *names, "--yes", **state).code == 0
        assert regtool("undo", "--yes", **state).code == 0

        assert [regtool("resolve", name).out for name in names] == [f"{DIGEST}\n"] * 2


class TestAttachmentsAndReferrers:
    def test_are_a_tree(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "bom.json").write_text("{}")
        regtool("copy", BUILT, f"{name}:1.0")
        done = regtool("attach", f"{name}:1.0", f"{tmp_path}/bom.json", "--artifact-type", BOM, "--platform", "arm64")
        tree = regtool("referrers", f"{name}:1.0").out.splitlines()
        at = next(line for line, text in enumerate(tree) if ARM64 in text)

        assert done.out.startswith(f"{name}@sha256:")
        assert tree[0] == f"{name}:1.0  {DIGEST}"
        assert tree[at] == f"├─ linux/arm64  {ARM64}"
        assert any(BOM in line for line in tree[at + 1 : at + 3])
        assert len(tree) == 1 + 3 + 3 + 1

    def test_are_nothing_for_most_images(self, name: str) -> None:
        regtool("copy", f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar", f"{name}:1.0")

        assert regtool("referrers", f"{name}:1.0").out.splitlines()[1:] == ["(nothing is about it)"]

    def test_are_objects_for_programs(self, name: str) -> None:
        regtool("copy", BUILT, f"{name}:1.0")
        found = regtool("referrers", f"{name}:1.0", "--output", "json").json

        assert [len(entry["referrers"]) for entry in found["entries"]] == [1, 1, 1]
