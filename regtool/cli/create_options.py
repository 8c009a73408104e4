"""The options of `create`, in the groups of its help."""

from pathlib import Path
from typing import Annotated, Any

from regtool.cli.completion import platforms
from regtool.cli.spelling import Argument, Option
from regtool.planning.shape import Attestations, ListType

SOURCES, LIST, GUARDS, PIPELINE = "Sources", "The list", "Guards", "For the pipeline"


def _of(panel: str, *names: str, **details: Any) -> Any:
    return Option(*names, panel=panel, **details)


Words = Annotated[
    list[str] | None,
    Argument(
        metavar="TARGET SOURCE[=OS/ARCH]...",
        help="The tag to write, then the images to merge: a tag, a digest, a bare sha256:… in the target's repository, "
        "@FILE or - for a list of them. =OS/ARCH says for which platform an image is.",
    ),
]

Metadata = Annotated[
    list[str] | None,
    _of(SOURCES, "--metadata", metavar="FILE", help="Take the image of a buildx --metadata-file. May be repeated."),
]
BakeTarget = Annotated[
    list[str] | None,
    _of(SOURCES, "--bake-target", metavar="NAME", help="Of bake's --metadata, this target, or a pattern: 'app-*'."),
]
Digests = Annotated[
    list[str] | None,
    _of(SOURCES, "--digests", metavar="DIR", help="Take the digests that the files in DIR are named by."),
]
DigestsIn = Annotated[
    str | None,
    _of(
        SOURCES,
        "--digests-in",
        metavar="REPO",
        help="Where digests without a name are, if not in the target's repository.",
    ),
]
ArchTags = Annotated[
    str | None,
    _of(SOURCES, "--arch-tags", metavar="ARCH,...", help="With x86_64,aarch64: take TARGET-x86_64 and TARGET-aarch64."),
]
ArchTagPattern = Annotated[
    str,
    _of(
        SOURCES,
        "--arch-tag-pattern",
        metavar="PATTERN",
        help="How the tag of an architecture is made of {tag}, {arch}, {repository}.",
    ),
]
Wait = Annotated[
    str | None,
    _of(SOURCES, "--wait", metavar="TIME", help="Wait so long (90s, 15m) for sources, and for platforms of --expect."),
]
Append = Annotated[
    bool, _of(SOURCES, "--append", help="Add to what the tags hold now, replacing platform by platform.")
]

FromAction = Annotated[
    bool,
    _of(
        LIST,
        "--from-metadata-action",
        help="Take tags and annotations from docker/metadata-action, in place of TARGET.",
    ),
]
OnlyPlatform = Annotated[
    list[str] | None,
    _of(
        LIST,
        "--platform",
        metavar="OS/ARCH",
        help="Keep only this platform. May be repeated.",
        complete=platforms,
    ),
]
Attest = Annotated[Attestations, _of(LIST, "--attestations", help="Keep or drop provenance and SBOMs of builds.")]
Convert = Annotated[
    bool, _of(LIST, "--convert", help="With --type: rewrite images of the other family, under new digests.")
]
Type = Annotated[ListType, _of(LIST, "--type", help="The kind of list; auto: Docker's if every image is Docker's.")]
Annotate = Annotated[
    list[str] | None, _of(LIST, "--annotation", metavar="KEY=VALUE", help="Annotate the index. May be repeated.")
]
KeepOrder = Annotated[bool, _of(LIST, "--keep-order", help="List the images in the order given.")]

Expect = Annotated[
    list[str] | None,
    _of(GUARDS, "--expect", metavar="OS/ARCH,...", help="Refuse unless the list has these platforms and no others."),
]
AllowShrink = Annotated[bool, _of(GUARDS, "--allow-shrink", help="Let a tag lose platforms that it has now.")]
SameRevision = Annotated[
    bool,
    _of(GUARDS, "--same-revision", help="Read every image, and refuse unless all say that they are of one commit."),
]
AllowMixed = Annotated[
    bool, _of(GUARDS, "--allow-mixed-revisions", help="Merge images that say that they are of different commits.")
]
IfDigest = Annotated[
    str | None,
    _of(
        GUARDS, "--if-digest", metavar="DIGEST|absent", help="Publish only if TARGET still is this, or does not exist."
    ),
]
NotOlder = Annotated[
    bool, _of(GUARDS, "--not-older", help="Never move a tag to a lower version, or an earlier build of the same.")
]

MetadataFile = Annotated[
    Path | None,
    _of(PIPELINE, "--metadata-file", metavar="FILE", help="Write digest, tags and platforms, with buildx's keys."),
]
Dotenv = Annotated[
    Path | None,
    _of(PIPELINE, "--dotenv", metavar="FILE", help="Write REGTOOL_DIGEST and others, as GitLab's dotenv reports."),
]
DeleteSources = Annotated[
    bool, _of(PIPELINE, "--delete-sources", help="Afterwards remove the tags of the sources; what they name stays.")
]
