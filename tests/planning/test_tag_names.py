import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Tag
from regtool.planning.tag_names import DEFAULT_PATTERN, Spelling, tag_names

PLATFORMS = [
    f"linux/{name}"
    for name in "amd64 arm64 arm/v5 arm/v6 arm/v7 386 ppc64le s390x riscv64 loong64 mipsle mips64le".split()
]


def names(
    *platforms: str, pattern: str = DEFAULT_PATTERN, spelling: Spelling = Spelling.UNAME, tag: str | None = "1.0"
) -> list[str]:
    parsed = [Platform.parse(platform) for platform in platforms]
    return [name.name for name in tag_names(Tag(tag) if tag else None, parsed, pattern, spelling)]


def test_the_names_are_those_of_uname() -> None:
    expected = ["1.0-x86_64", "1.0-aarch64", "1.0-armv7l", "1.0-i686"]

    assert names("amd64", "arm64", "arm/v7", "386") == expected


def test_or_those_of_docker() -> None:
    assert names("amd64", "arm64", "arm/v7", spelling=Spelling.DOCKER) == ["1.0-amd64", "1.0-arm64", "1.0-armv7"]


def test_a_pattern_may_name_more() -> None:
    found = names("windows(10.0.20348.1)/amd64", pattern="{arch}.{os}.{os_version}", tag=None)

    assert found == ["x86_64.windows.10.0.20348.1"]


@given(some.sampled_from(PLATFORMS), some.sampled_from(Spelling))
def test_a_name_reads_back_as_its_platform(platform: str, spelling: Spelling) -> None:
    (name,) = names(platform, pattern="{arch}", spelling=spelling)

    assert Platform.parse(name) == Platform.parse(platform)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{tag}-{nope}", r"cannot be filled in; it may hold {arch}, {os}, {os_version}, {tag}"),
        ("{tag", "cannot be filled in"),
        ("{}", "cannot be filled in"),
        ("{tag.x}", "cannot be filled in"),
        ("{tag}", r"gives linux/amd64 the tag 1.0 of the list; add {arch}"),
        ("{tag}-{os}", r"gives linux/amd64 and linux/arm64 the same tag 1.0-linux"),
        ("{tag}/{arch}", "not a tag"),
    ],
)
def test_a_pattern_that_makes_no_tags_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        names("amd64", "arm64", pattern=pattern)


def test_a_list_without_a_tag_needs_a_pattern_without_one() -> None:
    with pytest.raises(UsageError, match="needs a tag, and none is named"):
        names("amd64", tag=None)
