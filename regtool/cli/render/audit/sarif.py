"""SARIF 2.1.0, which code scanning reads: the rules, and a result for each finding."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import regtool
from regtool.cli.render.audit.report import Report
from regtool.operations.audit.record import Audited, Problem
from regtool.planning.rules.catalogue import RULES
from regtool.planning.rules.finding import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>[1-9][0-9]*)")


def as_sarif(report: Report) -> Iterator[str]:
    """One run. What could not be looked at makes it an unsuccessful one."""
    driver = {
        "name": "regtool",
        "semanticVersion": regtool.__version__,
        "rules": [_rule(rule) for rule in RULES],
    }
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"tool": {json.dumps({"driver": driver})},\n'
    yield '"results": ['
    between = ""
    for record in report.records:
        for problem in record.problems:
            yield f"{between}\n{json.dumps(_result(record, problem))}"
            between = ","
    yield '\n], "invocations": ['
    unseen = [_notification(record) for record in report.records if record.error]
    yield json.dumps({"executionSuccessful": not unseen, "toolExecutionNotifications": unseen})
    yield "]}]}\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": rule.severity.value, "enabled": rule.default},
    }


def _result(record: Audited, problem: Problem) -> dict[str, Any]:
    fix = f" Repair: {problem.repair}." if problem.repair else ""
    print_of = hashlib.sha256(f"{record.reference} {problem.code} {problem.where}".encode()).hexdigest()
    return {
        "ruleId": problem.code,
        "level": problem.severity.value,
        "message": {"text": f"{record.reference}: {problem}.{fix}"},
        "locations": [_location(record, problem)],
        "partialFingerprints": {"regtool/v1": print_of},
    }


def _location(record: Audited, problem: Problem) -> dict[str, Any]:
    """Where it is: the line that names the image if a file does, and the image itself in any case."""
    found = _LINE.fullmatch(record.source)
    file = found["file"] if found else record.source.partition(": ")[0] or record.reference
    region = {"region": {"startLine": int(found["line"])}} if found else {}
    return {
        "physicalLocation": {"artifactLocation": {"uri": file}, **region},
        "logicalLocations": [{"fullyQualifiedName": f"{record.reference} {problem.where}".strip()}],
    }


def _notification(record: Audited) -> dict[str, Any]:
    assert record.error is not None
    return {"level": "error", "message": {"text": record.error[1]}, "descriptor": {"id": record.error[0]}}
