"""What `docker buildx build --metadata-file` and `docker buildx bake --metadata-file` write.

Of a build it is one object with `containerimage.digest`, of a bake one such object for each target. The platform in it
is not to be trusted (with provenance there is none, and the provenance names the builder's), so only the digest is
taken, and the image itself is asked.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference
from regtool.operations.inputs.files import read_input
from regtool.values import dataclass

_DIGEST, _DESCRIPTOR, _NAME = "containerimage.digest", "containerimage.descriptor", "image.name"
_BUILDX = "buildx."  # keys of a bake file that are no targets, such as `buildx.build.warnings`


@dataclass(frozen=True, slots=True)
class Build:
    """One build in a file: the bake target, if it is of one, what was pushed, and where to."""

    file: str
    target: str
    digest: Digest
    places: tuple[Place, ...]

    def source(self, home: Place) -> Reference:
        """What was pushed; in `home` if it was pushed there too, or if the file does not say where."""
        place = home if home in self.places or not self.places else self.places[0]
        return place.at(self.digest)

    def __str__(self) -> str:
        return f"{self.target} ({', '.join(map(str, self.places)) or 'no name'})"


def metadata_sources(files: Sequence[str], targets: Sequence[str], home: Place) -> list[Reference]:
    """The images of these files, of a bake only those whose target is named. `home` is where the list will be.

    `targets` are names or patterns such as `app-*`. Without any, all targets are taken if they were pushed to one
    repository, else those that were pushed to `home`. Raises UsageError if that leaves a choice.
    """
    builds = [build for file in files for build in read_metadata(file)]
    chosen = _named(builds, targets) if targets else _evident(builds, home)
    return list(dict.fromkeys(build.source(home) for build in chosen))


def read_metadata(file: str) -> list[Build]:
    """The builds of one file. Raises UsageError or ContentError for what is no such file."""
    what = f"--metadata {file}"
    document = load_object(read_input(file, "--metadata"), what)
    if _DIGEST in document or _DESCRIPTOR in document:
        return [_build(file, "", document, what)]
    found = [
        _build(file, target, inner, f"target {target} of {what}")
        for target, inner in document.items()
        if not target.startswith(_BUILDX) and isinstance(inner, dict) and (_DIGEST in inner or _DESCRIPTOR in inner)
    ]
    if not found:
        raise ContentError(what, f"names no {_DIGEST}", "push the build, and write the file with --metadata-file")
    return found


def _build(file: str, target: str, document: dict[str, Any], what: str) -> Build:
    descriptor = document.get(_DESCRIPTOR)
    described = descriptor.get("digest") if isinstance(descriptor, dict) else None
    digest = document.get(_DIGEST, described)
    if not isinstance(digest, str) or described not in (None, digest):
        raise ContentError(what, f"{_DIGEST} and {_DESCRIPTOR} do not name one digest")
    names = document.get(_NAME, "")
    if not isinstance(names, str):
        raise ContentError(what, f"{_NAME} is not text")
    places = (Reference.parse(name.strip()).place for name in names.split(",") if name.strip())
    return Build(file, target, Digest.parse(digest), tuple(dict.fromkeys(places)))


def _named(builds: list[Build], targets: Sequence[str]) -> list[Build]:
    """The builds of these targets; a build that is of no bake has no target to name, and stays."""
    for wanted in targets:
        if not any(fnmatchcase(build.target, wanted) for build in builds if build.target):
            offered = ", ".join(dict.fromkeys(build.target for build in builds if build.target))
            raise UsageError(f"--bake-target {wanted}", "is in no metadata file", f"there is {offered or 'no target'}")
    return [b for b in builds if not b.target or any(fnmatchcase(b.target, wanted) for wanted in targets)]


def _evident(builds: list[Build], home: Place) -> list[Build]:
    of_targets = [build for build in builds if build.target]
    if len({build.places for build in of_targets}) <= 1:
        return builds
    at_home = [build for build in builds if not build.target or home in build.places]
    if not any(build.target for build in at_home):
        listed = ", ".join(dict.fromkeys(map(str, of_targets)))
        what = f"--metadata {of_targets[0].file}"
        raise UsageError(what, f"has several targets: {listed}", "choose with --bake-target")
    return at_home
