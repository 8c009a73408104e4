"""`regtool audit`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from regtool.cli.auditing import Reporting
from regtool.cli.render.audit.forms import FORMS
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.errors import UsageError
from regtool.model.version import VersionRange
from regtool.operations.audit.fleet import AuditRequest
from regtool.operations.audit.fleet import audit as examine
from regtool.operations.audit.gather import Sources, gather
from regtool.operations.audit.look import Depth
from regtool.operations.audit.policy import FILE, Policy
from regtool.operations.audit.subject import Shard, TagFilter
from regtool.planning.rules.finding import Severity
from regtool.stores.cache import ContentCache, cache_folder

EXAMPLES = (
    "regtool audit localhost:5000/app:1.0 --require linux/amd64,linux/arm64",
    "regtool audit localhost:5000/app --tags '1.*' --report html=audit.html",
)

WHAT, HOLD, REPORTS, PACE = "What to look at", "What to hold it to", "Reports", "Pace"


def _list(*names: str, panel: str, **details: Any) -> Any:
    return Option(*names, panel=panel, **details)


# fmt: off
Names = Annotated[list[str] | None, Argument(metavar="[REF|REPO]...", help="A tag or digest; or a repository, for all its tags. With --merge: files.")]
Tags = Annotated[list[str] | None, _list("--tags", panel=WHAT, metavar="PATTERN", help="Of repositories, only tags like this: 'v*'. May be repeated.")]
Semver = Annotated[str | None, _list("--semver", panel=WHAT, metavar="RANGE", help="Only tags that are versions in this range: '>=1.2 <2'.")]
Latest = Annotated[int | None, _list("--latest", panel=WHAT, metavar="N", help="Only the N newest versions of each repository.")]
Images = Annotated[list[Path] | None, _list("--images", panel=WHAT, metavar="FILE", help="Names from a file, one a line; - is standard input.")]
Dockerfiles = Annotated[list[Path] | None, _list("--dockerfile", panel=WHAT, metavar="FILE", help="What a Dockerfile builds upon.")]
BuildArgs = Annotated[list[str] | None, _list("--build-arg", panel=WHAT, metavar="NAME=VALUE", help="For --dockerfile.")]
Compose = Annotated[list[Path] | None, _list("--compose", panel=WHAT, metavar="FILE", help="The images of a Compose file.")]
K8s = Annotated[list[Path] | None, _list("--k8s", panel=WHAT, metavar="FILE|DIR", help="The images in Kubernetes manifests.")]
Shallow = Annotated[bool, _list("--shallow", panel=WHAT, help="Read lists only, not the images in them.")]
Deep = Annotated[bool, _list("--deep", panel=WHAT, help="Also ask for every layer, whether it is there.")]
ShardOf = Annotated[str | None, _list("--shard", panel=WHAT, metavar="I/N", help="Only the I-th of N parts of the names.")]
Merge = Annotated[bool, _list("--merge", panel=WHAT, help="Look at nothing; join the JSON lines that earlier runs wrote.")]

Require = Annotated[list[str] | None, _list("--require", panel=HOLD, metavar="PLATFORMS", help="At least these must work: linux/amd64,linux/arm64.")]
Exact = Annotated[bool, _list("--exact", panel=HOLD, help="No others than the required ones.")]
Select = Annotated[list[str] | None, _list("--select", panel=HOLD, metavar="CODES", help="Only these rules: RT2,RT305, or ALL.")]
Ignore = Annotated[list[str] | None, _list("--ignore", panel=HOLD, metavar="CODES", help="Not these rules.")]
PolicyFile = Annotated[Path | None, _list("--policy", panel=HOLD, metavar="FILE", help=f"Rules of the house; {FILE} here, if there is one.")]
FailOn = Annotated[Severity | None, _list("--fail-on", panel=HOLD, help="Fail from this severity on; warning unless said otherwise.")]

Reports = Annotated[list[str] | None, _list("--report", panel=REPORTS, metavar="FORM[=FILE]", help=f"Write {', '.join(FORMS)}, to standard output or a file. May be repeated.")]

Parallel = Annotated[int, _list("--parallel", panel=PACE, min=1, max=256, help="Requests to one registry at a time.")]
MaxRequests = Annotated[int | None, _list("--max-requests", panel=PACE, min=1, metavar="N", help="Send no more requests than this.")]
KeepQuota = Annotated[int, _list("--keep-quota", panel=PACE, min=0, metavar="N", help="Leave this many requests of a registry's quota.")]
NoCache = Annotated[bool, _list("--no-cache", panel=PACE, help="Neither use nor keep what was read before.")]
# fmt: on


async def audit(
    run: Run,
    *,
    names: Names = None,
    tags: Tags = None,
    semver: Semver = None,
    latest: Latest = None,
    images: Images = None,
    dockerfile: Dockerfiles = None,
    build_arg: BuildArgs = None,
    compose: Compose = None,
    k8s: K8s = None,
    shallow: Shallow = False,
    deep: Deep = False,
    shard: ShardOf = None,
    merge: Merge = False,
    require: Require = None,
    exact: Exact = False,
    select: Select = None,
    ignore: Ignore = None,
    policy: PolicyFile = None,
    fail_on: FailOn = None,
    report: Reports = None,
    parallel: Parallel = 16,
    max_requests: MaxRequests = None,
    keep_quota: KeepQuota = 0,
    no_cache: NoCache = False,
) -> None:
    """Say which platforms tags really offer, and what is wrong with them: one tag, a repository, or a fleet.

    Leaves with 0 if all is well, 9 if something was found, 14 if something could not be looked at.
    """
    house = Policy.load(policy).adjusted(
        require=require or (), exact=exact, select=select or (), ignore=ignore or (), fail_on=fail_on
    )
    reports = Reporting(run, report or [], house.fail_on)
    if merge:
        with reports:
            reports.merge(names or [])
        return
    if shallow and deep:
        raise UsageError("--shallow --deep", "contradict each other")
    chosen = TagFilter(
        patterns=tuple(tags or ()), versions=None if semver is None else VersionRange.parse(semver), latest=latest
    )
    sources = Sources(
        names=names or [],
        images=_texts(images),
        dockerfiles=_texts(dockerfile),
        build_args=build_arg or [],
        compose=_texts(compose),
        kubernetes=_texts(k8s),
        tags=chosen,
    )
    request = AuditRequest(
        names=gather(sources, house.expect.platforms),
        policy=house,
        depth=Depth.LIST if shallow else Depth.BLOBS if deep else Depth.IMAGES,
        shard=Shard() if shard is None else Shard.parse(shard),
    )
    reports.expect(request.count)
    settings = replace(run.settings(), concurrency=parallel, max_requests=max_requests, reserve=keep_quota)
    with reports, ContentCache(None if no_cache else cache_folder()) as cache:
        async with run.stores(settings, reports.hear) as stores:
            async for record in examine(request, stores, cache):
                reports.add(record)
        reports.finish(of_a_part=shard is not None)


def _texts(paths: list[Path] | None) -> list[str]:
    return [str(path) for path in paths or ()]
