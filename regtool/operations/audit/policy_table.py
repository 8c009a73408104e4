"""`[audit]` of regtool.toml as it is written.

Pydantic reads it, and is loaded for that only: most audits have no such file.
"""

import tomllib

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regtool.errors import UsageError
from regtool.operations.mistake import first_mistake
from regtool.planning.rules.facts import DEFAULT_GAP
from regtool.planning.rules.finding import Severity


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OverrideTable(_Table):
    """`[[audit.override]]`."""

    match: str
    ignore: list[str] = []
    require: list[str] | None = None


class AuditTable(_Table):
    """`[audit]`."""

    select: list[str] = []
    ignore: list[str] = []
    require: list[str] = []
    exact: bool = False
    max_days_apart: float = Field(DEFAULT_GAP.days, alias="max-days-apart", gt=0, le=36500)
    fail_on: Severity = Field(Severity.WARNING, alias="fail-on")
    override: list[OverrideTable] = []


class _File(BaseModel):
    """The whole file; tables of other commands are none of our business."""

    audit: AuditTable = Field(default_factory=AuditTable)


def read_table(text: str, name: str) -> AuditTable:
    """The table in a file called `name`. Raises UsageError that says what is wrong where."""
    try:
        return _File.model_validate(tomllib.loads(text)).audit
    except tomllib.TOMLDecodeError as wrong:
        raise UsageError(name, f"is not TOML: {wrong}") from None
    except ValidationError as wrong:
        path, words = first_mistake(wrong)
        raise UsageError(f"{name}: {'.'.join(map(str, path))}", words) from None
