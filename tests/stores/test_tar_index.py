"""Finding files in a tar without unpacking it; what honest programs write is read, tricks are refused."""

import io
import tarfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.errors import ContentError
from regtool.stores.tar_index import Member, index_of_part, index_tar
from tests.registries import FIXTURES
from tests.stores.tars import block, member, pad, pax, record, tar


def indexed(content: bytes) -> dict[str, Member]:
    return index_tar(io.BytesIO(content), "images.tar")


def contents(archive: bytes) -> dict[str, bytes]:
    return {name: archive[found.offset :][: found.size] for name, found in indexed(archive).items()}


def standard(files: dict[str, bytes], form: int) -> bytes:
    """The same files as Python's own tar module writes them."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize("path", sorted((FIXTURES / "buildx").glob("*.tar")), ids=lambda path: path.name)
def test_what_buildx_writes_is_found_where_it_is(path: Path) -> None:
    with tarfile.open(path) as archive:
        expected = {info.name: archive.extractfile(info) for info in archive if info.isfile()}

        assert contents(path.read_bytes()) == {name: file.read() for name, file in expected.items() if file}


@pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["ustar", "gnu", "pax"]
)
@pytest.mark.parametrize("length", [20, 99, 100, 101, 141, 220])
def test_names_of_every_length_are_read_in_every_form(form: int, length: int) -> None:
    name = "blobs/" + "/".join(["a" * 60] * 4)
    name = name[:length].rstrip("/").ljust(length, "z")

    assert contents(standard({name: b"content", "other": b""}, form)) == {name: b"content", "other": b""}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,20}(/[a-z]{1,20}){0,3}", fullmatch=True), st.binary(max_size=2000), max_size=6
    )
)
def test_any_files_are_found_as_they_were_written(files: dict[str, bytes]) -> None:
    assert contents(standard(files, tarfile.PAX_FORMAT)) == files


@given(st.binary(max_size=4096))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = indexed(content)
    except ContentError:
        return

    assert all(one.offset + one.size <= len(content) for one in found.values())


def test_a_leading_dot_is_no_part_of_a_name() -> None:
    assert contents(tar(member("./index.json", b"{}"), member("./", kind=b"5"))) == {"index.json": b"{}"}


def test_links_are_told_by_the_names_that_they_lead_to() -> None:
    found = indexed(tar(
        member("b/layer.tar", kind=b"2", link="../a/layer.tar"), member("c/layer.tar", kind=b"1", link="a/layer.tar")
    ))  # fmt: skip

    assert [one.target for one in found.values()] == ["a/layer.tar", "a/layer.tar"]


def test_a_binary_size_counts() -> None:
    big = block("big", b"\x80" + (3).to_bytes(11))

    assert contents(tar(big + pad(b"abc"))) == {"big": b"abc"}


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"", "ends without the mark of its end"),
        (member("index.json", b"{}"), "ends without the mark of its end"),
        (member("index.json", b"x" * 600)[:-512] , "ends in the middle of a file"),
        (block("index.json", 8**11 - 1), "ends in the middle of a file"),
        (b"x" * 512, "is no tar archive"),
        (tar(block("a", checksum=b"000000\0 ")), "a header does not add up"),
        (b"\x1f\x8b" + bytes(510), "compressed with gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfd" + bytes(508), "compressed with zstd"),
        (tar(member("a"), member("a")), "holds 'a' twice"),
        (tar(member("a"), member("./a")), "holds 'a' twice"),
        (tar(pax(path="a"), member("b"), member("a")), "holds 'a' twice"),
        (tar(member("../index.json")), "leads outside"),
        (tar(member("a/../../index.json")), "leads outside"),
        (tar(member("/etc/passwd")), "leads outside"),
        (tar(pax(path="/etc/passwd"), member("a")), "leads outside"),
        (tar(member("a", kind=b"2", link="../../etc/passwd")), "leads outside"),
        (tar(member("a", kind=b"2", link="/etc/passwd")), "leads outside"),
        (tar(member("a", kind=b"1", link="../b")), "leads outside"),
        (tar(member("a", b"content", kind=b"1", link="b")), "has content but is no file"),
        (tar(member("a", b"content", kind=b"5")), "has content but is no file"),
        (tar(member("dev", kind=b"3")), "neither a file nor a folder"),
        (tar(member("fifo", kind=b"6")), "neither a file nor a folder"),
        (tar(member("sparse", kind=b"S")), "neither a file nor a folder"),
        (tar(member("x", record("GNU.sparse.major", "1"), b"x"), member("a")), "holds a sparse file"),
        (tar(member("g", record("size", "5"), b"g"), member("a")), "changes size for all files"),
        (tar(pax(size="-1"), member("a")), "size is no number"),
        (tar(pax(size="1e3"), member("a")), "size is no number"),
        (tar(pax(size="٣"), member("a")), "size is no number"),
        (tar(block("a", b"\xff" * 12)), "size is no number"),
        (tar(block("a", b"00000000008\0")), "size is no number"),
        (tar(member("x", b"99 path=a\n", b"x"), member("b")), "extended header that is none"),
        (tar(member("x", b"7 path\n", b"x"), member("b")), "extended header that is none"),
        (tar(member("x", b"0 path=a\n", b"x"), member("b")), "extended header that is none"),
        (tar(member("x", b"x" * 70_000, b"x"), member("b")), "extended header of 70000 bytes"),
        (tar(member("L", b"a" * 5000, b"L"), member("b")), "a name of 5000 bytes"),
        (tar(block(b"\xff\xfe")), "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_cut_off_or_crafted_is_refused(archive: bytes, why: str) -> None:
    with pytest.raises(ContentError, match=why):
        indexed(archive)


@pytest.mark.parametrize(
    "archive",
    [
        tar(*(member("x", b"1" * 60_000, b"x") for _ in range(3))),  # a number of sixty thousand digits
        tar(*(member("x", b" " * 60_000, b"x") for _ in range(3))),
        tar(*(member("g", record("comment", "x" * 50_000), b"g") for _ in range(200)), member("a")),
        tar(*(member(f"f{number}") for number in range(20_000))),
    ],
    ids=["digits", "blanks", "globals", "many"],
)
def test_a_hostile_archive_costs_no_time(archive: bytes) -> None:
    start = time.process_time()
    with suppress(ContentError):
        indexed(archive)

    assert time.process_time() - start < 0.5 + len(archive) / 10_000_000


@given(st.integers(0, 4000), st.binary(max_size=600))
def test_of_a_part_everything_is_found_that_was_begun_before_it_was_cut_off(end: int, rubbish: bytes) -> None:
    files = {"one": b"1" * 700, "two": b"2" * 512, "three": b"3"}
    whole = tar(*(member(name, content) for name, content in files.items()))
    cut = whole[:end]
    found = index_of_part(io.BytesIO(cut))

    assert {name for name, member in found.items() if cut[member.offset :][: member.size] == files[name]} == {
        name for name, content in files.items() if end >= indexed(whole)[name].offset + len(content)
    }
    index_of_part(io.BytesIO(cut + rubbish))  # which raises nothing
