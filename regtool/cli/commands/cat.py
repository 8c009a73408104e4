"""`regtool cat`."""

from typing import Annotated

from regtool.cli.options import Name, OnePlatform
from regtool.cli.run import Run
from regtool.cli.spelling import Option
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.inspect import read
from regtool.operations.raw import blob as read_blob
from regtool.operations.raw import config_of

EXAMPLES = (
    "regtool cat localhost:5000/app:1.0 > list.json",
    "regtool cat localhost:5000/app:1.0 --config --platform linux/arm64",
)

Config = Annotated[bool, Option("--config", help="The image's configuration; of a list with --platform.")]
Blob = Annotated[bool, Option("--blob", help="REF is the digest of a blob.")]


async def cat(run: Run, *, ref: Name, platform: OnePlatform = None, config: Config = False, blob: Blob = False) -> None:
    """Write a manifest as its exact bytes, without a newline; or a configuration, or any blob."""
    reference = Reference.parse(ref)
    wanted = None if platform is None else Platform.parse(platform)
    if blob and (config or wanted):
        raise UsageError("--blob", "is one blob by its digest", "leave --config and --platform out")
    async with run.stores() as stores:
        if not (blob or config):
            run.result_bytes((await read(reference, stores, wanted)).content)
            return
        chunks = read_blob(reference, stores) if blob else config_of(reference, stores, wanted)
        async for chunk in chunks:
            run.result_bytes(chunk)
