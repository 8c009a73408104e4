"""Files that GitHub Actions reads: the outputs and the summary of a step.

See "Workflow commands for GitHub Actions": outputs, step summaries.
"""

from collections.abc import Mapping
from pathlib import Path

from regtool.cli.outputs.facts import Facts
from regtool.cli.outputs.files import append_file
from regtool.transport.visible import visible

OUTPUT, SUMMARY = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"


def write(facts: Facts, environ: Mapping[str, str]) -> None:
    """Writes the outputs and the summary where the runner wants them; nothing where it does not. Raises StorageError."""
    if environ.get(OUTPUT):
        append_file(Path(environ[OUTPUT]), outputs_text(facts), f"${OUTPUT}")
    if environ.get(SUMMARY):
        append_file(Path(environ[SUMMARY]), summary_text(facts), f"${SUMMARY}")


def outputs_text(facts: Facts) -> str:
    """The outputs of the step. No value can end itself and begin another: each ends with a word nobody knows."""
    values = {
        "digest": facts.digest,
        "reference": facts.reference,
        "tags": "\n".join(facts.tags),
        "platforms": ",".join(facts.platforms),
        "changed": "true" if facts.changed else "false",
    }
    return "".join(_output(name, value) for name, value in values.items())


def summary_text(facts: Facts) -> str:
    """A heading and two tables in Markdown."""
    rows = [f"| `{_cell(tag)}` |" for tag in facts.tags]
    kind = "published" if facts.changed else "already there"
    return "\n".join(
        [
            f"### `{_cell(facts.digest)}` {kind}",
            "",
            "| Tag | Platforms |",
            "|---|---|",
            *(f"{row} {_cell(', '.join(facts.platforms))} |" for row in rows),
            "",
            "",
        ]
    )


def _output(name: str, value: str) -> str:
    import secrets

    end = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _cell(text: str) -> str:
    return visible(text).replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
