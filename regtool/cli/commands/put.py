"""`regtool put`."""

import sys
from pathlib import Path
from typing import Annotated

from regtool.cli.completion import references
from regtool.cli.options import DryRun, KeepOld, Yes
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.documents.manifest import MAX_MANIFEST
from regtool.errors import ContentError, StorageError, UsageError
from regtool.model.reference import Reference, Repository
from regtool.operations.keep_old import keep_old
from regtool.operations.publish import publish
from regtool.operations.raw import OCTETS, describe, plan_put, put_blob

EXAMPLES = (
    "regtool put localhost:5000/app:1.0-fixed list.json --yes",
    "regtool put localhost:5000/app list.json --blob --dry-run",
)

Target = Annotated[
    str,
    Argument(metavar="REF", help="Where: a tag, a digest, or with --blob the repository alone.", complete=references),
]
File = Annotated[str, Argument(metavar="FILE", help="The bytes to store; - is standard input.")]
Blob = Annotated[bool, Option("--blob", help="Store a blob, such as a configuration, and print its digest.")]
MediaType = Annotated[
    str, Option("--media-type", metavar="TYPE", help="The type of a document that does not name its own.")
]


async def put(
    run: Run,
    *,
    ref: Target,
    file: File,
    blob: Blob = False,
    media_type: MediaType = "",
    pin: KeepOld = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Store a manifest as its exact bytes, checked: all that it names must be there, as it says.

    `regtool cat` gives the bytes to start from.
    """
    if blob:
        await _put_blob(run, ref, file, media_type or OCTETS, dry_run=dry_run)
        return
    reference = Reference.parse_exact(ref)
    content = _content(file)
    async with run.stores() as stores:
        plan = await plan_put(reference, content, file if file != "-" else "standard input", stores, media_type)
        plans = await keep_old([plan], pin, stores)
        run.say(plan_text(plans))
        if not dry_run and not plan.writes_nothing:
            if any(move.was for move in plan.moves):
                run.confirm("Write this?", yes=yes)
            await publish(plans, stores, run.listen, run.journal().moving)
    run.result(str(plan.result), lambda: {"reference": str(plan.result), **plan_json(plans, dry_run=dry_run)})


async def _put_blob(run: Run, name: str, file: str, media_type: str, *, dry_run: bool) -> None:
    repository = Repository.parse(name)
    content = _piped() if file == "-" else Path(file)
    async with run.stores() as stores:
        if dry_run:
            descriptor = await describe(content, media_type)
            run.say(f"+ {repository}@{descriptor.digest}, {descriptor.size} bytes")
        else:
            descriptor = await put_blob(repository, content, stores, media_type, run.listen)
    run.result(f"{repository}@{descriptor.digest}", descriptor.as_json)


def _content(file: str) -> bytes:
    """A manifest's bytes. No registry takes more than a few megabytes, so more is not even read."""
    try:
        if file != "-":
            with Path(file).open("rb") as opened:
                content = opened.read(MAX_MANIFEST + 1)
        else:
            content = _piped(MAX_MANIFEST + 1)
    except OSError as error:
        raise StorageError(file, f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_MANIFEST:
        raise ContentError(file, f"is larger than the {MAX_MANIFEST} bytes that registries take")
    return content


def _piped(limit: int = -1) -> bytes:
    if sys.stdin.isatty():
        raise UsageError("-", "standard input is a terminal", "pipe the bytes in, or name a file")
    return sys.stdin.buffer.read(limit)
