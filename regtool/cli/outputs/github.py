"""Lines that GitHub Actions reads on standard error: what becomes an annotation, and what must not become a command.

See "Workflow commands for GitHub Actions" and actions/toolkit, packages/core/src/command.ts.
"""

import re
from collections.abc import Mapping

_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)", re.MULTILINE)


def is_running(environ: Mapping[str, str]) -> bool:
    """Whether this is a step of a workflow."""
    return environ.get("GITHUB_ACTIONS") == "true"


def error(message: str, title: str = "regtool") -> str:
    """The line that the runner shows as an error, on the page of the run, too."""
    return f"::error title={_escaped(title).replace(':', '%3A').replace(',', '%2C')}::{_escaped(message)}"


def harmless(text: str) -> str:
    """Text in which the runner finds no command, as what a registry says may look like one."""
    return _COMMAND.sub(lambda found: found[0].replace(":", ": ").replace("##", "# #"), text)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
