"""One page that shows everything and needs nothing else: no server, no network, no font."""

import json
from collections.abc import Iterator
from importlib.resources import files

import regtool
from regtool.cli.render.audit.matrix import LEGEND, SIGNS, platforms_of
from regtool.cli.render.audit.report import Report, joined
from regtool.operations.audit.record import Audited
from regtool.planning.rules.catalogue import RULES

_HERE = "/*RECORDS*/"
_UNSAFE = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&"})  # so that no text can end the script that it is in


def as_html(report: Report) -> Iterator[str]:
    """The page: the template with the records in it as JSON."""
    before, _, after = _template().partition(_HERE)
    facts = {
        "version": regtool.__version__,
        "summary": report.tally.words,
        "failOn": report.tally.fail_on.value,
        "platforms": platforms_of(report),
        "signs": {offer.value: sign for offer, sign in SIGNS.items()},
        "legend": {offer.value: word for offer, word in zip(SIGNS, LEGEND, strict=True)},
        "rules": {rule.code: rule.title for rule in RULES},
    }
    yield before
    yield _safe(facts)[:-1] + ', "names": ['
    yield from joined(report.records, _record)
    yield "]}"
    yield after


def _record(record: Audited) -> str:
    return "\n" + _safe(record.to_json())


def _safe(value: object) -> str:
    return json.dumps(value).translate(_UNSAFE)


def _template() -> str:
    return files(__package__).joinpath("page.html").read_text(encoding="utf-8")
