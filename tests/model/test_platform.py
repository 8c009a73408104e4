from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.errors import UsageError
from regtool.model.platform import Platform
from tests.model.strategies import platforms

# what people write -> what it is; the first block are the rules of containerd's platforms package
GOOD = {
    "linux/amd64": Platform("linux", "amd64"),
    "Linux/AMD64": Platform("linux", "amd64"),
    "linux/amd64/v1": Platform("linux", "amd64"),
    "linux/amd64/v2": Platform("linux", "amd64", "v2"),
    "linux/x86_64": Platform("linux", "amd64"),
    "linux/x86-64": Platform("linux", "amd64"),
    "linux/i386": Platform("linux", "386"),
    "linux/386/v1": Platform("linux", "386"),
    "linux/arm64": Platform("linux", "arm64"),
    "linux/arm64/v8": Platform("linux", "arm64"),
    "linux/arm64/8": Platform("linux", "arm64"),
    "linux/arm64/v8.0": Platform("linux", "arm64"),
    "linux/arm64/9.0": Platform("linux", "arm64", "v9"),
    "linux/arm64/v8.1": Platform("linux", "arm64", "v8.1"),
    "linux/arm64/9": Platform("linux", "arm64", "v9"),
    "linux/arm64/v9.0": Platform("linux", "arm64", "v9"),
    "linux/arm64/v9.2": Platform("linux", "arm64", "v9.2"),
    "linux/aarch64": Platform("linux", "arm64"),
    "linux/aarch64/v8": Platform("linux", "arm64"),
    "linux/arm": Platform("linux", "arm", "v7"),
    "linux/arm/7": Platform("linux", "arm", "v7"),
    "linux/arm/v6": Platform("linux", "arm", "v6"),
    "linux/arm/5": Platform("linux", "arm", "v5"),
    "linux/arm/8": Platform("linux", "arm", "v8"),
    "linux/armhf": Platform("linux", "arm", "v7"),
    "linux/armel": Platform("linux", "arm", "v6"),
    "macos/arm64": Platform("darwin", "arm64"),
    "macOS/aarch64": Platform("darwin", "arm64"),
    "darwin/arm64": Platform("darwin", "arm64"),
    "windows/amd64": Platform("windows", "amd64"),
    "windows(10.0.20348.2402)/amd64": Platform("windows", "amd64", "", "10.0.20348.2402"),
    "windows(10.0.17763+win32k)/amd64": Platform("windows", "amd64", "", "10.0.17763", ("win32k",)),
    "windows(+win32k+gpu)/amd64": Platform("windows", "amd64", "", "", ("win32k", "gpu")),
    "windows()/amd64": Platform("windows", "amd64"),
    "linux/ppc64le": Platform("linux", "ppc64le"),
    "linux/ppc64le/power9": Platform("linux", "ppc64le", "power9"),
    "linux/riscv64/rva20u64": Platform("linux", "riscv64", "rva20u64"),
    "linux/s390x": Platform("linux", "s390x"),
    "wasi/wasm": Platform("wasi", "wasm"),
    "unknown/unknown": Platform("unknown", "unknown"),
    "haiku/sparc64": Platform("haiku", "sparc64"),
    # what `uname -m`, Debian and Docker Hub's user names say on top
    "linux/armv7l": Platform("linux", "arm", "v7"),
    "linux/armv6l": Platform("linux", "arm", "v6"),
    "linux/armv5tel": Platform("linux", "arm", "v5"),
    "linux/armv8l": Platform("linux", "arm", "v8"),
    "linux/arm64/8.0": Platform("linux", "arm64"),
    "linux/arm64v8": Platform("linux", "arm64"),
    "linux/arm32v7": Platform("linux", "arm", "v7"),
    "linux/arm32v6": Platform("linux", "arm", "v6"),
    "linux/i686": Platform("linux", "386"),
    "linux/ppc64el": Platform("linux", "ppc64le"),
    "linux/loongarch64": Platform("linux", "loong64"),
    "linux/mips64el": Platform("linux", "mips64le"),
    "win/x64": Platform("windows", "amd64"),
    # an architecture alone means Linux
    "amd64": Platform("linux", "amd64"),
    "x86_64": Platform("linux", "amd64"),
    "arm64": Platform("linux", "arm64"),
    "arm64/v8": Platform("linux", "arm64"),
    "arm/v6": Platform("linux", "arm", "v6"),
    "ARM/V6": Platform("linux", "arm", "v6"),
    "386": Platform("linux", "386"),
    "sparc64": Platform("linux", "sparc64"),
    " linux/amd64\n": Platform("linux", "amd64"),
}
BAD = [
    "",
    " ",
    "/",
    "linux/",
    "/amd64",
    "linux//v8",
    "linux/arm/",
    "linux/arm/v7/more",
    "linux,amd64",
    "linux/amd64,linux/arm64",
    "linux amd64",
    "linux/amd 64",
    "linux/amd64\x00",
    "linux/amd64\x1b[2J",
    "linux/ämd64",
    "linux/аmd64",  # a Cyrillic а
    "linux(/amd64",
    "linux)/amd64",
    "(10.0)/amd64",
    "linux/amd64(10.0)",
    "windows(10.0)(11.0)/amd64",
    "windows(10.0+)/amd64",
    "windows(10.0+win32k+)/amd64",
    "windows(10 0)/amd64",
    "windows(\x1b[2J)/amd64",
    "windows(10.0\n)/amd64",
    "linux/*",
]
WITHOUT_ARCHITECTURE = ["linux", "windows", "Darwin", "linux/linux", "freebsd"]

PRINTED = {
    Platform("linux", "amd64"): "linux/amd64",
    Platform("linux", "arm", "v7"): "linux/arm/v7",
    Platform("linux", "arm64", "v8"): "linux/arm64/v8",
    Platform("windows", "amd64", "", "10.0.20348.2402"): "windows(10.0.20348.2402)/amd64",
    Platform("windows", "amd64", "", "10.0.17763", ("win32k",)): "windows(10.0.17763+win32k)/amd64",
    Platform("windows", "amd64", "", "", ("win32k",)): "windows(+win32k)/amd64",
}

SPELLED_OUT = {
    Platform("linux", "arm64", "v8"): Platform("linux", "arm64", "v8"),
    Platform("linux", "arm64"): Platform("linux", "arm64"),
    Platform("linux", "amd64", "v1"): Platform("linux", "amd64", "v1"),
    Platform("linux", "386"): Platform("linux", "386"),
    Platform("linux", "x86_64"): Platform("linux", "amd64"),
    Platform("linux", "aarch64", "v8"): Platform("linux", "arm64"),
    Platform("linux", "aArch64"): Platform("linux", "arm64"),
    Platform("Linux", "arm64", "v8"): Platform("linux", "arm64"),
    Platform("linux", "AMD64"): Platform("linux", "amd64"),
    Platform("linux", "arm", "V7"): Platform("linux", "arm", "v7"),
    Platform("macos", "arm64"): Platform("darwin", "arm64"),
}

# a list as it is written, from the top
ORDER = """
    linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/arm64 linux/arm64/v9
    linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5
    linux/386 linux/ppc64le linux/s390x linux/riscv64 linux/loong64 linux/mips64le
    windows/amd64 windows(10.0.17763)/amd64 windows(10.0.20348)/amd64 windows/arm64
    darwin/arm64 freebsd/amd64
""".split()


@pytest.mark.parametrize(("text", "platform"), GOOD.items())
def test_a_platform_is_read_as_people_write_it(text: str, platform: Platform) -> None:
    assert Platform.parse(text) == platform


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a platform"):
        Platform.parse(text)


@pytest.mark.parametrize("text", WITHOUT_ARCHITECTURE)
def test_a_system_alone_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"names a system but no architecture; write \w+/amd64, say"):
        Platform.parse(text)


def test_a_refusal_says_what_to_write() -> None:
    with pytest.raises(UsageError) as refusal:
        Platform.parse("linux/amd64,linux/arm64")

    assert str(refusal.value) == (
        "linux/amd64,linux/arm64: not a platform; write it as os/architecture[/variant], such as linux/arm/v7"
    )


@given(some.text())
def test_any_text_is_a_platform_or_refused(text: str) -> None:
    try:
        platform = Platform.parse(text)
    except UsageError:
        return
    assert platform == platform.normalized()


@pytest.mark.parametrize(("platform", "text"), PRINTED.items())
def test_a_platform_is_printed_with_all_it_says(platform: Platform, text: str) -> None:
    assert str(platform) == text


@given(platforms)
def test_a_normalised_platform_reads_what_it_prints(platform: Platform) -> None:
    normalized = platform.normalized()

    assert Platform.parse(str(normalized)) == normalized


@given(platforms)
def test_normalising_twice_changes_nothing_more(platform: Platform) -> None:
    assert platform.normalized().normalized() == platform.normalized()


@pytest.mark.parametrize(("platform", "spelled_out"), SPELLED_OUT.items())
def test_standard_names_stay_as_a_document_has_them(platform: Platform, spelled_out: Platform) -> None:
    assert platform.spelled_out() == spelled_out


@given(platforms)
def test_spelling_out_never_moves_a_platform_to_another_slot(platform: Platform) -> None:
    assert platform.spelled_out().slot == platform.slot


def test_only_unknown_on_unknown_is_unknown() -> None:
    assert Platform("unknown", "unknown").is_unknown
    assert not Platform("linux", "unknown").is_unknown
    assert not Platform("unknown", "amd64").is_unknown


@pytest.mark.parametrize(
    ("architecture", "variant"), [("arm64", "v8"), ("arm64", "8"), ("amd64", "v1"), ("arm", "v7"), ("armhf", "v7")]
)
def test_spellings_of_one_platform_share_a_slot(architecture: str, variant: str) -> None:
    short, long = Platform("linux", architecture), Platform("linux", architecture, variant)

    assert short.same_slot(long)
    assert long.same_slot(short)


def test_the_order_of_features_makes_no_other_slot() -> None:
    assert Platform("windows", "amd64", "", "10.0", ("b", "a")).same_slot(
        Platform("windows", "amd64", "", "10.0", ("a", "b"))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("linux/amd64", "linux/amd64/v2"),
        ("linux/arm/v6", "linux/arm/v7"),
        ("linux/amd64", "windows/amd64"),
        ("windows(10.0.17763)/amd64", "windows(10.0.20348)/amd64"),
        ("windows/amd64", "windows(10.0.20348)/amd64"),
    ],
)
def test_platforms_that_clients_tell_apart_have_slots_of_their_own(one: str, other: str) -> None:
    assert not Platform.parse(one).same_slot(Platform.parse(other))


@pytest.mark.parametrize(
    ("offered", "wanted", "satisfied"),
    [
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm64", "arm64", True),
        ("linux/arm/v7", "linux/arm", True),
        ("linux/arm/v6", "linux/arm", False),
        ("linux/amd64/v2", "linux/amd64", False),
        ("windows(10.0.20348)/amd64", "windows/amd64", True),
        ("windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64", True),
        ("windows/amd64", "windows(10.0.20348)/amd64", False),
        ("windows(10.0+win32k)/amd64", "windows(+win32k)/amd64", True),
        ("windows(10.0)/amd64", "windows(+win32k)/amd64", False),
        ("linux/amd64", "windows/amd64", False),
    ],
)
def test_details_count_only_where_they_are_asked_for(offered: str, wanted: str, satisfied: bool) -> None:
    assert Platform.parse(offered).satisfies(Platform.parse(wanted)) is satisfied


@given(platforms)
def test_a_platform_satisfies_itself(platform: Platform) -> None:
    assert platform.satisfies(platform)
    assert platform.satisfies(platform.normalized())


def test_a_list_starts_with_what_most_people_pull() -> None:
    keys = [Platform.parse(text).order for text in ORDER]

    assert all(before < after for before, after in pairwise(keys))


@given(some.lists(platforms, max_size=8), some.randoms())
def test_the_order_does_not_depend_on_the_order_before(found: list[Platform], random: Random) -> None:
    shuffled = random.sample(found, len(found))

    def sort(some_platforms: list[Platform]) -> list[Platform]:
        return sorted((platform.normalized() for platform in some_platforms), key=lambda platform: platform.order)

    assert sort(shuffled) == sort(found)


@given(platforms, platforms)
def test_only_one_platform_has_a_place_in_the_order(one: Platform, other: Platform) -> None:
    assert (one.order == other.order) == (one.normalized() == other.normalized())
