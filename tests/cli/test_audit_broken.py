"""Every rule finds its broken list, every promised repair mends it, and good lists have no findings."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from regtool.cli.app import main
from regtool.model.media_type import OCI_INDEX
from regtool.planning.rules.catalogue import RULES
from tests.broken import OTHER_TAG, TAG, Broken, cases
from tests.cli.program import regtool
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry
from tests.transport.scripted import Scripted, answer

# Distribution neither takes nor serves what is too large; a scripted server does.
ALL = cases()
CASES = [case for case in ALL if case.code != "RT102"]
GOOD = ["multi.attested", "amd64.attested", "arm64.attested", "amd64", "arm64", "armv7", "windows-amd64",
        "amd64.docker-mediatypes", "arm64.docker-mediatypes", "armv7.docker-mediatypes"]  # fmt: skip


def json_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--output", "json", "--quiet"])
    return code, json.loads(capsys.readouterr().out)


def codes_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit code of an audit, and the codes that were found for the last name."""
    code, report = json_of(capsys, "audit", "--no-cache", *arguments)
    return code, [finding["code"] for finding in report["names"][-1]["findings"]]


def test_there_is_a_broken_list_for_every_rule_and_every_repair() -> None:
    assert {case.code for case in ALL} == {rule.code for rule in RULES}
    assert {case.code for case in CASES if case.repairs} == {rule.code for rule in RULES if rule.mends}


@pytest.mark.parametrize("case", CASES, ids=[case.index.partition(".")[0] for case in CASES])
def test_a_broken_list_is_found_by_its_code_and_repaired_if_that_is_promised(
    case: Broken, debian_registry: RunningRegistry, repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = case.publish(debian_registry, repository)
    debian_registry.push("arm64.oci.tar", f"{repository}-spare", "1.0")
    origin = f"{debian_registry.host}/{repository}-spare"

    other = [reference.replace(TAG, OTHER_TAG)] if case.twice else []
    code, found = codes_of(capsys, *other, reference, *case.audit)

    assert found == [case.code]
    assert code == (0 if case.code in ("RT108", "RT503") else 9)
    if case.repairs:
        options = [option.replace("{spare}", origin) for option in case.repair]
        assert json_of(capsys, "repair", reference, "--yes", *options)[0] == 0
        assert codes_of(capsys, reference, *case.audit) == (0, [])
        assert skopeo_inspect_raw(reference)


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.repairs], ids=lambda case: case.index.partition(".")[0]
)
def test_what_has_no_repair_is_left_as_it_is(
    case: Broken, debian_registry: RunningRegistry, repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = case.publish(debian_registry, repository)
    before = skopeo_inspect_raw(reference)

    main(["repair", reference, "--yes"])

    assert skopeo_inspect_raw(reference) == before


async def test_a_list_that_is_too_large_is_found_without_reading_it() -> None:
    (case,) = (case for case in ALL if case.code == "RT102")
    digest = f"sha256:{sha256(case.content).hexdigest()}"
    headers = {"Content-Type": OCI_INDEX, "Docker-Content-Digest": digest}

    async with Scripted(lambda seen: answer(200, case.content, headers)) as server:
        found = await asyncio.to_thread(regtool, "audit", f"{server.host}/app:1.0", "--no-cache", "-o", "json")

    assert [finding["code"] for finding in found.json["names"][0]["findings"]] == ["RT102"]
    assert found.code == 9
    assert server.targets == ["HEAD /v2/app/manifests/1.0"]


@pytest.mark.parametrize("name", GOOD)
def test_what_buildx_made_has_no_findings(
    name: str, registry: RunningRegistry, repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tar = f"{name}.oci.tar"
    registry.push(tar, repository, "1.0")

    assert codes_of(capsys, f"{registry.host}/{repository}:1.0", "--deep") == (0, [])
