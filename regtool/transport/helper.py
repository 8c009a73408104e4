"""Credential helpers: programs named `docker-credential-…` that keep secrets for docker, and their protocol.

A helper that is missing, fails, hangs or talks nonsense is an error, never a reason to look elsewhere: the next source
might hold somebody else's credentials. Only its own words for "I have none" count as having none.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import field
from typing import IO

from regtool.errors import DeniedError, TimedOutError, UsageError
from regtool.transport.credential import Credential, IdentityToken, Password
from regtool.transport.last_words import last_words
from regtool.transport.visible import visible
from regtool.values import dataclass

LARGEST = 64 * 1024  # bytes of what a helper may say
_REAPING = 1.0  # seconds
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_NOT_FOUND = "credentials not found in native keychain"
TOKEN_USER = "<token>"  # the user name that marks an identity token


async def get(helper: str, key: str, environ: Mapping[str, str], timeout: float) -> Credential | None:
    """What the helper has for `key`, None if it says that it has nothing.

    Raises UsageError, DeniedError, TimedOutError.
    """
    said = await run(helper, "get", key.encode(), environ, timeout)
    if said.status != 0:
        if said.text == _NOT_FOUND:
            return None
        raise DeniedError(program(helper), f"fails for {key}: {said.reason}")
    return _credential(helper, key, said.output)


async def store(helper: str, key: str, username: str, secret: str, environ: Mapping[str, str], timeout: float) -> None:
    """Lets the helper keep a secret. Raises UsageError, DeniedError, TimedOutError."""
    given = json.dumps({"ServerURL": key, "Username": username, "Secret": secret}).encode()
    await _told(helper, "store", key, given, environ, timeout)


async def erase(helper: str, key: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Lets the helper forget; whether it had anything. Raises UsageError, DeniedError, TimedOutError."""
    if await get(helper, key, environ, timeout) is None:
        return False
    await _told(helper, "erase", key, key.encode(), environ, timeout)
    return True


async def _told(helper: str, command: str, key: str, given: bytes, environ: Mapping[str, str], timeout: float) -> None:
    said = await run(helper, command, given, environ, timeout)
    if said.status != 0:
        raise DeniedError(program(helper), f"fails to {command} for {key}: {said.reason}")


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a run: the exit status, what was said on standard output, and last on standard error."""

    status: int
    output: bytes = field(repr=False)
    last: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """Standard output as text: by the protocol that is where a failure is told."""
        return self.output.decode(errors="replace").strip()

    @property
    def reason(self) -> str:
        """Why it failed, in its own words, as far as it has any: not each keeps to the protocol."""
        return visible(self.text or self.last) or f"exit status {self.status}"


async def run(helper: str, command: str, given: bytes, environ: Mapping[str, str], timeout: float) -> Said:
    """Runs one command of a helper.

    It gets a process group of its own, which is killed when `timeout` seconds are over (0: never).
    """
    path = _located(helper, given, environ)
    async with last_words() as words:
        process = await _started(helper, path, command, words.pipe, environ)
        words.pipe.close()
        try:
            async with asyncio.timeout(timeout or None):
                output = await _talk(process, given)
                status = await process.wait()
        except TimeoutError:
            raise TimedOutError(
                program(helper), f"gives no answer within {timeout:g} s", "allow more with --helper-timeout"
            ) from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await _reap(process)
        return Said(status, output, await words.line() if status else "")


async def _started(
    helper: str, path: str, command: str, errors: IO[bytes], environ: Mapping[str, str]
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            path,
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=dict(environ),
            start_new_session=True,
            limit=LARGEST,
        )
    except OSError as failure:  # it is no program for this machine, or its interpreter is missing
        reason = (failure.strerror or type(failure).__name__).lower()
        raise UsageError(path, f"cannot be run: {reason}", f"install {program(helper)} anew") from None


async def _reap(process: asyncio.subprocess.Process) -> None:
    """Waits for the end of a process that was killed. What it had still to say is thrown away: else there is no end."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):  # something that left the group may hold the pipe open
        async with asyncio.timeout(_REAPING):
            while await process.stdout.read(LARGEST):
                pass
            await process.wait()


def program(helper: str) -> str:
    """The file name of a helper."""
    return f"docker-credential-{helper}"


async def _talk(process: asyncio.subprocess.Process, given: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()
    output = b""
    while len(output) <= LARGEST and (chunk := await process.stdout.read(LARGEST)):
        output += chunk
    if len(output) > LARGEST:
        raise DeniedError("the credential helper", f"says more than {LARGEST} bytes")
    return output


def _located(helper: str, given: bytes, environ: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(helper):
        raise UsageError(
            helper, "is not the name of a credential helper", "names are letters, digits, '.', '_' and '-'"
        )
    if any(byte < 0x20 for byte in given.rstrip(b"\n")):
        raise UsageError(visible(given.decode(errors="replace")), "cannot be asked of a credential helper")
    import shutil

    path = shutil.which(program(helper), path=environ.get("PATH"))
    if path is None:
        raise UsageError(
            program(helper), "is named in the docker configuration but is not on PATH", "install it, or log in anew"
        )
    return path


def _credential(helper: str, key: str, output: bytes) -> Credential:
    try:
        document = json.loads(output.decode())
        username, secret = document["Username"], document["Secret"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise DeniedError(program(helper), f"does not answer as a credential helper for {key}") from None
    if not isinstance(username, str) or not isinstance(secret, str) or not username or not secret:
        raise DeniedError(program(helper), f"gives no user name or no secret for {key}")
    return IdentityToken(secret) if username == TOKEN_USER else Password(username, secret)
