"""Every way in which regtool fails, as one tree.

    RegtoolError                 1  a defect of regtool itself
     ├─ UsageError               2  what was asked cannot be done as asked
     ├─ NotFoundError            3  the registry has no such thing
     ├─ DeniedError              4  the registry wants other credentials, or says no
     ├─ RateLimitedError         5  the registry asks to come back later
     ├─ UnreachableError         6  no answer: name, connection, TLS, proxy, or a server at fault
     ├─ ConflictError            7  what is there does not allow the change
     │   ├─ MovedError           7  a tag is not what it was when it was read
     │   └─ MissingPartError     7  a list or an image needs what the place does not have
     ├─ ContentError             8  content that is not what it claims to be
     ├─ FindingsError            9  a check ran to its end and found something
     ├─ TimedOutError           10  a deadline passed
     ├─ PartialError            11  some of the tags were written, the others not
     ├─ NotVisibleError         12  written and accepted, but not readable yet
     ├─ StorageError            13  this machine's disk or files refuse
     ├─ IncompleteError         14  a check could not look at everything
     └─ ProgramError            15  a program that regtool runs for the user failed

The number is the exit code of the command line; `docs/exit-codes.md` repeats the table for users.
The library never prints and never exits: it raises one of these, and the facts are fields.
"""

from typing import ClassVar

INTERRUPTED = 130  # the exit code after Ctrl-C: 128 + SIGINT, as shells count


class RegtoolError(Exception):
    """A failure that names the thing, says why, and what to do.

    `what` is the thing concerned (a reference, a file, a flag), `why` the reason in a few words, `hint`
    the way out, if there is one. `str()` is the one line that a person reads. `code` is a stable word for
    programs, `exit_code` the number that the command line leaves with. Where tags were being written, `tags` says
    what became of each: reference -> words.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "internal"

    def __init__(self, what: str, why: str, hint: str | None = None) -> None:
        super().__init__(what, why, hint)
        self.what = what
        self.why = why
        self.hint = hint
        self.tags: dict[str, str] = {}

    def __str__(self) -> str:
        line = f"{self.what}: {self.why}" if self.what else self.why
        return f"{line}; {self.hint}" if self.hint else line


class UsageError(RegtoolError, ValueError):
    """What was asked cannot be done as asked. Also a `ValueError`, so that parsers of other libraries accept it."""

    exit_code = 2
    code = "usage"


class NotFoundError(RegtoolError):
    """The registry answers that it has no such thing."""

    exit_code = 3
    code = "not-found"


class DeniedError(RegtoolError):
    """The registry wants other credentials than it got, or none will do."""

    exit_code = 4
    code = "denied"


class RateLimitedError(RegtoolError):
    """The registry asks to come back later. `retry_after` is in seconds, where the registry said so."""

    exit_code = 5
    code = "rate-limited"

    def __init__(self, what: str, why: str, hint: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(what, why, hint)
        self.retry_after = retry_after


class UnreachableError(RegtoolError):
    """No usable answer came: name, connection, TLS or proxy failed, or the server itself is at fault (5xx)."""

    exit_code = 6
    code = "unreachable"


class ConflictError(RegtoolError):
    """What is there does not allow the change: a tag that moved, an immutable tag, two images for one platform."""

    exit_code = 7
    code = "conflict"


class MovedError(ConflictError):
    """A tag is not what it was when it was read: somebody else was faster."""

    code = "moved"


class MissingPartError(ConflictError):
    """A list or an image needs what the place does not have: gone since it was looked for, or not visible yet."""

    code = "missing-part"


class ContentError(RegtoolError):
    """Content is not what it claims to be: wrong digest, size, media type, or no valid document at all.

    `ambiguous` says that a document means two things to two readers, as the same key stands in it twice.
    """

    exit_code = 8
    code = "content"

    def __init__(self, what: str, why: str, hint: str | None = None, *, ambiguous: bool = False) -> None:
        super().__init__(what, why, hint)
        self.ambiguous = ambiguous


class FindingsError(RegtoolError):
    """A check ran to its end and found something."""

    exit_code = 9
    code = "findings"


class TimedOutError(RegtoolError):
    """A deadline passed before the work was done."""

    exit_code = 10
    code = "timed-out"


class PartialError(RegtoolError):
    """Some of the tags were written and the others not; the message lists both."""

    exit_code = 11
    code = "partial"


class NotVisibleError(RegtoolError):
    """The registry accepted a write, but does not show it yet."""

    exit_code = 12
    code = "not-visible"


class StorageError(RegtoolError):
    """This machine's disk or files refuse: no space, no permission, a directory that is missing."""

    exit_code = 13
    code = "storage"


class IncompleteError(RegtoolError):
    """A check could not look at everything, so that what it did not find may be there all the same."""

    exit_code = 14
    code = "incomplete"


class ProgramError(RegtoolError):
    """A program that regtool runs for the user, such as `docker buildx`, is missing or failed."""

    exit_code = 15
    code = "program"
