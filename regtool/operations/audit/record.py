"""What an audit found about one name, as a value and as one line of JSON; the keys are part of the interface."""

import json
from enum import StrEnum
from typing import Any, Self

from regtool.errors import RegtoolError, UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.subject import Subject
from regtool.planning.fallback import fallback
from regtool.planning.rules.catalogue import BY_CODE
from regtool.planning.rules.facts import Facts, Leg
from regtool.planning.rules.finding import Finding, Severity
from regtool.values import dataclass


class Offer(StrEnum):
    """How a name serves one platform: as it says, not at all although it says so, or only by the image of another."""

    WORKS = "works"
    BROKEN = "broken"
    FALLBACK = "fallback"
    LACKING = "lacking"


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in words. `repair` says what `regtool repair` would do, None if people must decide."""

    code: str
    severity: Severity
    where: str
    message: str
    repair: str | None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The words for a finding."""
        repair = str(finding.repair) if finding.repair else None
        return cls(finding.code, finding.severity, finding.where, finding.message, repair)

    @property
    def name(self) -> str:
        """The rule's name."""
        return BY_CODE[self.code].name

    def __str__(self) -> str:
        where = f"{self.where} " if self.where else ""
        return f"{where}{self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One name. `error` is the reason why it could not be looked at, then the rest is empty.

    `platforms` are the offered ones in the order of the list, then required ones that are lacking. `kind` is `list`,
    `image`, `artifact`, or `unknown`.
    """

    reference: str
    source: str = ""
    digest: str = ""
    media_type: str = ""
    kind: str = "unknown"
    platforms: tuple[tuple[str, Offer], ...] = ()
    problems: tuple[Problem, ...] = ()
    error: tuple[str, str] | None = None  # code and message

    @classmethod
    def of(cls, subject: Subject, facts: Facts, findings: tuple[Finding, ...]) -> Self:
        """What was found."""
        known = bool(facts.descriptor.media_type)
        return cls(
            reference=str(subject.reference),
            source=subject.source,
            digest=str(facts.descriptor.digest) if known else "",
            media_type=facts.descriptor.media_type,
            kind=_kind(facts),
            platforms=_platforms(facts),
            problems=tuple(map(Problem.of, findings)),
        )

    @classmethod
    def failed(cls, subject: Subject, error: RegtoolError) -> Self:
        """A name that could not be looked at."""
        return cls(reference=str(subject.reference), source=subject.source, error=(error.code, str(error)))

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding."""
        return max((problem.severity for problem in self.problems), key=lambda one: one.weight, default=None)

    def to_json(self) -> dict[str, Any]:
        """Everything as one object."""
        return {
            "reference": self.reference,
            "source": self.source or None,
            "digest": self.digest or None,
            "mediaType": self.media_type or None,
            "kind": self.kind,
            "platforms": [{"platform": name, "offer": offer.value} for name, offer in self.platforms],
            "findings": [
                {
                    "code": problem.code,
                    "rule": problem.name,
                    "severity": problem.severity.value,
                    "where": problem.where or None,
                    "message": problem.message,
                    "repair": problem.repair,
                }
                for problem in self.problems
            ],
            "error": {"code": self.error[0], "message": self.error[1]} if self.error else None,
        }

    @classmethod
    def from_json(cls, line: str, where: str) -> Self:
        """Reads back what `to_json` gave. Raises UsageError that names `where`."""
        try:
            fields = json.loads(line)
            error = fields["error"]
            return cls(
                reference=fields["reference"],
                source=fields["source"] or "",
                digest=fields["digest"] or "",
                media_type=fields["mediaType"] or "",
                kind=fields["kind"],
                platforms=tuple((offer["platform"], Offer(offer["offer"])) for offer in fields["platforms"]),
                problems=tuple(_problem(fields) for fields in fields["findings"]),
                error=(error["code"], error["message"]) if error else None,
            )
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                where, "is no line of an audit", "merge what `regtool audit --report jsonl` wrote"
            ) from None


def _problem(fields: dict[str, Any]) -> Problem:
    BY_CODE[fields["code"]]  # a KeyError for what is no rule
    severity = Severity(fields["severity"])
    return Problem(fields["code"], severity, fields["where"] or "", fields["message"], fields["repair"])


def _kind(facts: Facts) -> str:
    if facts.index is not None:
        return "list"
    if not facts.legs or facts.fault:
        return "unknown"
    return "artifact" if facts.is_artifact else "image"


def _platforms(facts: Facts) -> tuple[tuple[str, Offer], ...]:
    """Each platform once: what a client gets who looks for it."""
    found: dict[object, tuple[str, Offer]] = {}
    for leg in facts.images:
        name = leg.label or leg.truth
        if name and name.slot not in found:
            found[name.slot] = (str(name.normalized()), _offer(leg))
    for wanted in facts.expect.platforms if not facts.is_artifact and not facts.fault else ():
        if not any(offer.satisfies(wanted) for offer in facts.offers):
            found.setdefault(wanted.slot, (str(wanted), _instead(wanted, facts)))
    return tuple(found.values())


def _offer(leg: Leg) -> Offer:
    broken = leg.works_as is None or (leg.child is not None and (leg.child.fault or leg.child.lacking))
    return Offer.BROKEN if broken else Offer.WORKS


def _instead(wanted: Platform, facts: Facts) -> Offer:
    return Offer.FALLBACK if fallback(wanted, facts.offers) else Offer.LACKING
