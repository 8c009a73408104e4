"""Whatever an image says of itself, it is shown so that it moves no cursor, fakes no line and sets no variable."""

import re
from pathlib import Path

import pytest

from tests.cli.program import regtool
from tests.images import entry, push_image, push_index
from tests.registries import RunningRegistry

EVIL = "10.0\x1b[2J\x1b]0;title\x07\r\nFAKE=1\n::error::fake\u202e\x9b31m[/red]|`<b>"
FORMS = ["json", "jsonl", "csv", "markdown", "junit", "sarif", "html"]


@pytest.fixture(scope="module")
def name(debian_registry: RunningRegistry) -> str:
    """A repository with an image that says such things of itself, and a list that says them of its images."""
    told = {"os": "windows", "os.version": EVIL, "author": EVIL, "history": [{"created_by": EVIL}]}
    digest = push_image(debian_registry, "hostile/text", "image", config=told, labels={"org.example": EVIL})
    size = len(_content(debian_registry, digest))
    platform = {"os": "windows", "architecture": "amd64", "os.version": EVIL, "variant": EVIL}
    listed = entry(digest, size, platform, annotations={EVIL: EVIL})
    push_index(debian_registry, "hostile/text", "list", [listed], annotations={EVIL: EVIL, "org.example": EVIL})
    return f"{debian_registry.host}/hostile/text"


def _content(registry: RunningRegistry, digest: str) -> str:
    return regtool("cat", f"{registry.host}/hostile/text@{digest}").out


COMMANDS = [
    ["inspect", "NAME:list"],
    ["inspect", "NAME:image"],
    ["inspect", "NAME:list", "--output", "json"],
    ["ls", "NAME", "--platforms"],
    ["diff", "NAME:list", "NAME:image"],
    ["referrers", "NAME:list"],
    ["create", "NAME:new", "NAME:image", "--dry-run"],
    ["copy", "NAME:list", "NAME/copy:1", "--dry-run", "--verbose"],
    ["edit", "NAME:list", "--annotation", "a=b", "--dry-run"],
    ["repair", "NAME:list", "--dry-run"],
    ["audit", "NAME", "--no-cache"],
    *(["audit", "NAME", "--no-cache", "--report", form] for form in FORMS),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_is_shown_is_harmless(name: str, words: list[str]) -> None:
    done = regtool(*(word.replace("NAME", name) for word in words))
    shown = done.out + done.err

    assert done.code in (0, 7, 9), done.err  # done, or refused or found for a reason of its own
    assert shown
    assert not re.search(r"[^\n -~\xa0-\u1fff\u2010-\u2027\u2030-\uffff]", shown)
    assert not re.search(r"^(FAKE=1|::error)", shown, re.MULTILINE)


def test_no_variable_of_another_job_is_set(name: str, tmp_path: Path) -> None:
    done = regtool("create", f"{name}:new", f"{name}:image", "--dotenv", str(tmp_path / "env"))

    assert done.code == 0
    lines = (tmp_path / "env").read_text().splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "REGTOOL_DIGEST", "REGTOOL_REFERENCE", "REGTOOL_CHANGED", "REGTOOL_PLATFORMS", "REGTOOL_TAGS",
    ]  # fmt: skip
