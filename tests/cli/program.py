"""The program as its users run it: a process with words, two streams and an exit code."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
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


def on_terminal(
    command: Sequence[str], question: str, answer: str, *, environment: Mapping[str, str], hidden: bool = False
) -> Outcome:
    """Runs a program on a terminal of its own and answers its `question`; all that it shows is in `out`.

    A `hidden` answer is given once the terminal no longer shows what is typed: what was typed before is thrown away.
    """
    mine, its = pty.openpty()
    env = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb", **environment}
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=env, start_new_session=True) as program:
        try:
            shown = _read_until(mine, question.encode())
            while hidden and termios.tcgetattr(its)[3] & termios.ECHO:
                time.sleep(0.005)
            os.close(its)
            os.write(mine, f"{answer}\n".encode())
            shown += _read_until(mine, None)
            program.wait(30)
        finally:
            program.kill()
    os.close(mine)
    return Outcome(program.returncode, shown.decode(), "")


def _read_until(terminal: int, text: bytes | None, patience: float = 30.0) -> bytes:
    """What comes up to `text`, or up to the end."""
    shown, deadline = b"", time.monotonic() + patience
    while text is None or text not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came after {shown!r}"
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # so a terminal ends whose program has gone
            piece = b""
        if not piece:
            assert text is None, shown
            break
        shown += piece
    return shown
