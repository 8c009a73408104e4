"""`regtool.toml`: what it may say, how the command line changes it, and how it is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from regtool.errors import StorageError, UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.audit.policy import Policy
from regtool.operations.audit.subject import Subject
from regtool.planning.rules.finding import Severity

TEXT = """
[audit]
require = ["linux/amd64", "arm64"]
exact = true
ignore = ["RT502"]
max-days-apart = 2
fail-on = "error"

[[audit.override]]
match = "*/tools/*:nightly-*"
ignore = ["RT501"]
require = ["linux/amd64"]

[other.command]
anything = 1
"""
AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")


def codes(policy: Policy, name: str, **more: tuple[Platform, ...]) -> tuple[set[str], tuple[Platform, ...]]:
    selection, expect = policy.for_subject(Subject(Reference.parse(name), **more))  # type: ignore[arg-type]
    return {rule.code for rule in selection.rules}, expect.platforms


def test_a_file_says_what_is_expected() -> None:
    policy = Policy.parse(TEXT, "regtool.toml")
    rules, platforms = codes(policy, "localhost:5000/app:1.0")

    assert platforms == (AMD64, ARM64)
    assert "RT501" in rules
    assert "RT502" not in rules
    assert policy.expect.gap == timedelta(days=2)
    assert policy.expect.exact
    assert policy.fail_on is Severity.ERROR


def test_an_override_is_for_the_names_that_fit() -> None:
    rules, platforms = codes(Policy.parse(TEXT, "f"), "localhost:5000/tools/x:nightly-3")

    assert platforms == (AMD64,)
    assert "RT501" not in rules


def test_what_a_source_says_of_platforms_goes_before_all() -> None:
    assert codes(Policy.parse(TEXT, "f"), "app:1", platforms=())[1] == ()


def test_the_command_line_goes_before_the_file_and_adds_to_what_is_ignored() -> None:
    policy = Policy.parse(TEXT, "f").adjusted(require=["linux/s390x"], ignore=["RT2,RT3"], fail_on=Severity.NOTE)
    rules, platforms = codes(policy, "app:1")

    assert platforms == (Platform.parse("linux/s390x"),)
    assert rules.isdisjoint({"RT201", "RT302", "RT502"})
    assert policy.fail_on is Severity.NOTE
    assert codes(Policy.parse(TEXT, "f").adjusted(select=["RT502,RT503"]), "app:1")[0] == {"RT503"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[audit", "f: is not TOML"),
        ("[audit]\nrequire = 'x'", "f: audit.require"),
        ("[audit]\nrequired = []", "f: audit.required"),
        ("[audit]\nrequire = ['linux']", "f: linux"),
        ("[audit]\nignore = ['RT999']", "f: RT999: is no rule"),
        ("[[audit.override]]\nmatch = '*'\nignore = ['nope']", "f: nope: is no rule"),
        ("[[audit.override]]\nignore = []", "f: audit.override.0.match"),
        ("[audit]\nfail-on = 'never'", "f: audit.fail-on"),
        ("[audit]\nmax-days-apart = 0", "f: audit.max-days-apart"),
    ],
)
def test_a_wrong_file_is_refused_at_the_spot(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        Policy.parse(text, "f")

    assert str(refused.value).startswith(message)


def test_the_file_of_the_folder_is_taken_if_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert Policy.load(None) == Policy()
    (tmp_path / "regtool.toml").write_text(TEXT)
    assert Policy.load(None).expect.platforms == (AMD64, ARM64)
    with pytest.raises(StorageError, match="is not there"):
        Policy.load(tmp_path / "gone.toml")


def test_exactly_needs_platforms() -> None:
    with pytest.raises(UsageError, match="--require"):
        Policy().adjusted(exact=True)
