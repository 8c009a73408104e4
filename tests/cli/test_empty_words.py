"""Empty words, as a variable that is not set leaves them: never taken for an option that was not given."""

import pytest

from tests.cli.program import regtool
from tests.images import push_image
from tests.registries import RunningRegistry


@pytest.fixture
def name(debian_registry: RunningRegistry, repository: str) -> str:
    """A repository with two images."""
    for architecture in ("amd64", "arm64"):
        push_image(debian_registry, repository, architecture, config={"architecture": architecture})
    return f"{debian_registry.host}/{repository}"


def tags_of(name: str) -> set[str]:
    return set(regtool("ls", name).out.split())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("resolve {name}:amd64 --platform=", "an empty platform"),
        ("inspect {name}:amd64 --platform=", "an empty platform"),
        ("cat {name}:amd64 --config --platform=", "an empty platform"),
        ("tag {name}:amd64 new --if-digest=", "not a digest"),
        ("tag {name}:amd64 arm64 --allow-shrink --keep-old=", "--keep-old"),
        ("create {name}:new {name}:amd64 --if-digest=", "not a digest"),
        ("create {name}:new {name}:amd64 --wait=", "an empty duration"),
        ("create {name}:new {name}:amd64 --arch-tags=", "names an empty architecture"),
        ("create {name}:new {name}:amd64 --digests-in=", "not a repository"),
        ("prune {name} --keep=1 --older= --yes", "an empty duration"),
        ("audit {name} --semver=", "an empty range"),
        ("audit {name} --shard=", "--shard"),
    ],
    ids=lambda word: " ".join(part for part in word.split() if part.startswith("--") or "{" not in part),
)
def test_an_option_without_a_value_is_refused(name: str, line: str, what: str) -> None:
    done = regtool(*line.format(name=name).split())

    assert done.code == 2, done
    assert what in done.err
    assert tags_of(name) == {"amd64", "arm64"}


def test_undo_of_nothing_is_not_undo_of_the_last_command(name: str) -> None:
    assert regtool("tag", f"{name}:amd64", "new").code == 0
    done = regtool("undo", "", "--yes")

    assert done.code == 2
    assert "not an image reference" in done.err
    assert tags_of(name) == {"amd64", "arm64", "new"}
