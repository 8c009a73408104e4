"""`regtool build`."""

from typing import Annotated

from regtool.cli.options import Tags
from regtool.cli.render.creation import creation_json
from regtool.cli.render.lanes import Lanes
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference, Repository
from regtool.operations.build import Choice, Recipe, build_all
from regtool.operations.create import create
from regtool.operations.create_request import CreateRequest

EXAMPLES = (
    "regtool build localhost:5000/app:1.0 --platform linux/amd64,linux/arm64",
    "regtool build localhost:5000/app:1.0 --platform x86_64,aarch64 --file 'Dockerfile_{arch}' --builder arm64=farm",
)

Target = Annotated[str, Argument(metavar="TARGET", help="The tag to write: host/repository:tag.")]
Context = Annotated[str, Argument(metavar="CONTEXT", help="The folder, archive or URL to build from.")]
For = Annotated[
    list[str], Option("--platform", metavar="OS/ARCH,...", help="The platforms to build for. May be repeated.")
]
File = Annotated[
    list[str] | None,
    Option(
        "--file", "-f", metavar="[OS/ARCH=]FILE", help="The Dockerfile; {arch}, {uname}, {os}, {variant} are filled in."
    ),
]
Builder = Annotated[
    list[str] | None,
    Option("--builder", metavar="[OS/ARCH=]NAME", help="The buildx builder, for all or for one."),
]
BuildArg = Annotated[
    list[str] | None,
    Option("--build-arg", metavar="[OS/ARCH=]KEY=VALUE", help="A build argument. May be repeated."),
]
Pass = Annotated[
    list[str] | None,
    Option("--pass", metavar="WORD", help="A further word for `docker buildx build`. May be repeated."),
]


async def build(
    run: Run,
    *,
    target: Target,
    context: Context = ".",
    platform: For,
    file: File = None,
    builder: Builder = None,
    build_arg: BuildArg = None,
    pass_on: Pass = None,
    tag: Tags = None,
) -> None:
    """Build for several platforms side by side with `docker buildx`, and merge the images into one tag.

    Each image is pushed by digest, so no per-arch tag is left behind. Each line of a build begins with its platform.
    """
    wanted = tuple(dict.fromkeys(Platform.parse(name) for names in platform for name in names.split(",") if name))
    repository, settings = _repository(target), run.settings()
    recipe = Recipe(
        platforms=wanted,
        context=context,
        files=_choices(file),
        builders=_choices(builder),
        arguments=_choices(build_arg),
        options=tuple(pass_on or []),
        insecure=settings.skips_security(repository.host),
    )
    lanes = Lanes(wanted, run.say)
    digests = await build_all(recipe, repository, lanes.hear, run.listen)
    request = CreateRequest.parse(target, [str(digest) for digest in digests], tags=tag or [])
    async with run.stores(settings) as stores:
        creation = await create(request, stores, run.listen, journal=run.journal())
    run.result(str(creation.plan.result), lambda: creation_json(creation, dry_run=False))


def _choices(texts: list[str] | None) -> tuple[Choice, ...]:
    return tuple(Choice.parse(text) for text in texts or [])


def _repository(target: str) -> Repository:
    place = Reference.parse_target(target).place
    if not isinstance(place, Repository):
        raise UsageError(target, "is in no registry", "docker buildx pushes to registries; name one")
    return place
