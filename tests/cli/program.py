"""The program as its users run it: a process with words, two streams and an exit code."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def regtool(*words: str, stdin: str = "", **environment: str) -> Outcome:
    """Runs `regtool` with these words."""
    done = subprocess.run(
        [sys.executable, "-m", "regtool", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb", **environment},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
