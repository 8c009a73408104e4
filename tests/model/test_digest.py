import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.errors import ContentError, UsageError
from regtool.model.digest import Digest
from tests.model.strategies import digests

A64 = "a" * 64
GOOD = {
    f"sha256:{A64}": ("sha256", A64),
    f"sha256:{'0123456789abcdef' * 4}": ("sha256", "0123456789abcdef" * 4),
    f"sha512:{'f' * 128}": ("sha512", "f" * 128),
}
BAD = [
    "",
    ":",
    "sha256",
    "sha256:",
    A64,
    f"sha256:{A64[1:]}",
    f"sha256:{A64}a",
    f"sha512:{A64}",
    f"sha256:{A64}{A64}",
    f"sha256:{A64.upper()}",
    f"SHA256:{A64}",
    f"sha384:{'a' * 96}",
    f"md5:{'a' * 32}",
    f"sha256+b64:{A64}",
    f":{A64}",
    f"sha256-{A64}",
    f"sha256:sha256:{A64[7:]}",
    f"sha256:{A64}\n",
    f"\nsha256:{A64}",
    f" sha256:{A64}",
    f"sha256:{A64[1:]}\x00",
    f"sha256:{A64}\x00",
    f"sha256:{A64[1:]}g",
    f"sha256:{'１' * 64}",
    f"sha256:{'٣' * 64}",
    "sha256:../../etc/passwd",
    f"sha256:../{A64[3:]}",
    f"../sha256:{A64}",
    f"sha256:{A64[:32]}/{A64[33:]}",
    f"sha256:{A64[:31]}%2f{A64[34:]}",
]


@pytest.mark.parametrize(("text", "parts"), GOOD.items())
def test_a_digest_is_an_algorithm_and_hex(text: str, parts: tuple[str, str]) -> None:
    digest = Digest.parse(text)

    assert (digest.algorithm, digest.hex) == parts
    assert str(digest) == text


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a digest"):
        Digest.parse(text)


def test_a_wrong_digest_cannot_be_constructed_either() -> None:
    with pytest.raises(UsageError, match="sha256 takes 64 lower-case hex digits"):
        Digest("sha256", "../x")


def test_a_refusal_says_what_to_write() -> None:
    with pytest.raises(UsageError) as refusal:
        Digest.parse("1.0")

    assert str(refusal.value) == "1.0: not a digest; write it as sha256:<64 hex digits>"


def test_a_refusal_of_nothing_still_names_something() -> None:
    with pytest.raises(UsageError, match="^an empty digest: not a digest"):
        Digest.parse("")


@given(digests)
def test_a_digest_reads_what_it_prints(digest: Digest) -> None:
    assert Digest.parse(str(digest)) == digest


@given(some.text())
def test_any_text_is_a_digest_or_refused(text: str) -> None:
    try:
        digest = Digest.parse(text)
    except UsageError:
        return
    assert str(digest) == text


@given(some.binary(), some.sampled_from(("sha256", "sha512")))
def test_a_digest_is_over_the_exact_bytes(content: bytes, algorithm: str) -> None:
    digest = Digest.of(content, algorithm)

    assert digest == Digest(algorithm, hashlib.new(algorithm, content).hexdigest())
    digest.verify(content, "here")
    with pytest.raises(ContentError):
        digest.verify(content + b"\n", "here")


def test_content_that_differs_is_reported_with_both_digests() -> None:
    with pytest.raises(ContentError) as failure:
        Digest.of(b"sent").verify(b"received", "localhost:5000/app:1.0")

    said = str(failure.value)
    assert said.startswith("localhost:5000/app:1.0: content has digest ")
    assert str(Digest.of(b"sent")) in said
    assert str(Digest.of(b"received")) in said


def test_the_short_form_is_for_tables() -> None:
    assert Digest.parse(f"sha256:{'0123456789abcdef' * 4}").short == "0123456789ab"


def test_digests_sort_and_serve_as_keys() -> None:
    low, high = Digest("sha256", "0" * 64), Digest("sha256", "f" * 64)

    assert sorted({high, low, Digest.parse(str(low))}) == [low, high]
