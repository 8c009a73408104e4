"""The program as its users run it: a process with words, two streams and an exit code."""

import json
import multiprocessing
import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtool.__main__ import main
from regtool.cli.commands import COMMANDS

PATIENCE = 60.0  # seconds
_WRITE = os.O_WRONLY | os.O_CREAT
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, *(f"regtool.cli.commands.{name}" for name in COMMANDS)])


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
    """Runs `regtool` with these words, as a process of its own: forked from one that has imported everything.

    What Python itself reads from the environment when it starts (`PYTHON…`) takes a start from nothing.
    """
    settings = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb", **environment}
    if any(name.startswith("PYTHON") for name in environment):
        command = [sys.executable, "-m", "regtool", *words]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, timeout=PATIENCE, env=settings
        )
        return Outcome(done.returncode, done.stdout, done.stderr)
    with tempfile.TemporaryDirectory() as folder:
        given, out, err = (Path(folder) / name for name in ("in", "out", "err"))
        given.write_text(stdin)
        streams = (str(given), str(out), str(err))
        process = _FORKS.Process(target=_become_regtool, args=(words, settings, str(Path.cwd()), streams))
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"regtool {' '.join(words)} did not end within {PATIENCE:.0f} s: {err.read_text()}")
        return Outcome(process.exitcode or 0, out.read_text(), err.read_text())


def _become_regtool(words: Sequence[str], environment: Mapping[str, str], folder: str, streams: Sequence[str]) -> None:
    for number, (name, mode) in enumerate(zip(streams, (os.O_RDONLY, _WRITE, _WRITE), strict=True)):
        os.dup2(os.open(name, mode), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - multiprocessing has closed the usual one
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["regtool", *words]
    main()


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
