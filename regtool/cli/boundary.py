"""The one boundary between the library and the shell: errors become one line and an exit code."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from regtool.cli.run import Run
from regtool.cli.signals import Interrupted, interruptible
from regtool.cli.streams import stop
from regtool.errors import INTERRUPTED, RegtoolError


def exit_code_of(work: Callable[[], Coroutine[Any, Any, None]], run: Run) -> int:
    """Runs a command to its end; the exit code is the error's own, as `regtool.errors` lists them."""
    try:
        asyncio.run(interruptible(work()))
        sys.stdout.flush()
    except RegtoolError as error:
        run.report(error)
        return error.exit_code
    except Interrupted as signal:
        run.report_interruption(signal.words, signal.exit_code)
        return signal.exit_code
    except KeyboardInterrupt:  # while the user was asked for something
        run.report_interruption("Ctrl-C", INTERRUPTED)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: nothing is wrong, and nothing more can be said.
        stop()
        return 0
    except Exception as defect:  # noqa: BLE001 - the last resort: a defect is told in one line, too
        return _report_defect(defect, run)
    return run.exit_code


def _report_defect(defect: Exception, run: Run) -> int:
    if run.verbose:
        traceback.print_exception(defect)
    where = traceback.extract_tb(defect.__traceback__)[-1]
    name = type(defect).__name__
    run.report(
        RegtoolError(
            "internal error",
            f"{name} in {where.name}, line {where.lineno}",
            "please report it, with the output of --verbose",
        )
    )
    return RegtoolError.exit_code
