"""All the ways to name sources, in one list."""

from regtool.errors import UsageError
from regtool.model.reference import Place, Reference
from regtool.operations.inputs.arch_tags import DEFAULT_PATTERN, arch_tags
from regtool.operations.inputs.digests import digest_sources
from regtool.operations.inputs.files import STDIN
from regtool.operations.inputs.metadata import metadata_sources
from regtool.operations.inputs.source_list import expand_lists
from regtool.operations.members import SourceSpec
from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInputs:
    """The words of the user: sources and lists of them, metadata files, directories of digests, architectures."""

    words: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    bake_targets: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    arch_tags: str | None = None
    arch_tag_pattern: str = DEFAULT_PATTERN

    def gather(self, target: Reference, home: Place | None = None) -> tuple[SourceSpec, ...]:
        """Every source once, in the order of the fields. `home` is where digests are; the target's place if None.

        Raises UsageError, ContentError or StorageError.
        """
        self._refuse_leftovers()
        where = home or target.place
        found = [SourceSpec.parse(word, where) for word in expand_lists(self.words)]
        named = metadata_sources(self.metadata, self.bake_targets, where) + digest_sources(self.digests, where)
        if self.arch_tags is not None:
            named += arch_tags(target, self.arch_tags, self.arch_tag_pattern)
        return tuple(dict.fromkeys(found + [SourceSpec(reference) for reference in named]))

    def _refuse_leftovers(self) -> None:
        if self.bake_targets and not self.metadata:
            raise UsageError("--bake-target", "chooses from --metadata, which is not given")
        if self.arch_tag_pattern != DEFAULT_PATTERN and self.arch_tags is None:
            raise UsageError("--arch-tag-pattern", "is for --arch-tags, which is not given")
        if [*self.words, *self.metadata].count(STDIN) > 1:
            raise UsageError(STDIN, "standard input can be read once")
