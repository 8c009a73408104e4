"""`regtool inspect`."""

from typing import Annotated

from regtool.cli.options import Name, OnePlatform
from regtool.cli.render.inspection import image_json, image_text, inspection_json, inspection_text
from regtool.cli.run import Run
from regtool.cli.spelling import Option
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations import inspect as operation

EXAMPLES = (
    "regtool inspect localhost:5000/app:1.0",
    "regtool inspect localhost:5000/app:1.0 --platform linux/arm64 --output json",
)

Raw = Annotated[bool, Option("--raw", help="Write the exact bytes, without a newline.")]


async def inspect(run: Run, *, ref: Name, platform: OnePlatform = None, raw: Raw = False) -> None:
    """Show what a tag offers: platforms, sizes and digests, with attestations under their image.

    With --platform it shows that one image and its configuration.
    """
    reference = Reference.parse(ref)
    wanted = None if platform is None else Platform.parse(platform)
    async with run.stores() as stores:
        if raw:
            run.result_bytes((await operation.read(reference, stores, wanted)).content)
        elif wanted:
            image = await operation.inspect_platform(reference, wanted, stores)
            run.result(image_text(image), lambda: image_json(image))
        else:
            found = await operation.inspect(reference, stores)
            run.result(inspection_text(found), lambda: inspection_json(found))
