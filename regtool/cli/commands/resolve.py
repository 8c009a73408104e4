"""`regtool resolve`."""

from regtool.cli.options import Name, OnePlatform
from regtool.cli.run import Run
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations import inspect as operation

EXAMPLES = (
    "regtool resolve localhost:5000/app:1.0",
    "regtool resolve localhost:5000/app:1.0 --platform aarch64",
)


async def resolve(run: Run, *, ref: Name, platform: OnePlatform = None) -> None:
    """Print the digest of a tag, or of its image for one platform."""
    reference = Reference.parse(ref)
    wanted = None if platform is None else Platform.parse(platform)
    async with run.stores() as stores:
        digest = await operation.resolve(reference, stores, wanted)
    run.result(str(digest), lambda: {"reference": str(reference.place.at(digest)), "digest": str(digest)})
