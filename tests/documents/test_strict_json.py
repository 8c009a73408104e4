import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.strict_json import MAX_DEPTH, folded, load_object
from regtool.errors import ContentError
from tests.documents.strategies import json_objects

GOOD = [
    b"{}",
    b' \t\r\n{"a": 1} \n',
    b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}',
    b'{"a": 1, "A": 2, "\xc3\xa4": 3}',
    b'{"a": "\\ud83d\\ude00", "b": "\\\\ud800"}',
    b'{"a": "\xf0\x9f\x98\x80"}',
    b'{"a": 9223372036854775808, "b": -1, "c": 1.5, "d": 1e308, "e": 0.1e-400}',
    b'{"a": null, "b": true, "c": false, "": ""}',
]
BAD = {
    b"": "is not JSON",
    b" ": "is not JSON",
    b"{": "is not JSON",
    b"{}{}": "is not JSON",
    b"{} x": "is not JSON",
    b"{a: 1}": "is not JSON",
    b"{'a': 1}": "is not JSON",
    b'{"a": 1,}': "is not JSON",
    b'{"a": 01}': "is not JSON",
    b'{"a": +1}': "is not JSON",
    b'{"a": .5}': "is not JSON",
    b'{"a": 0x10}': "is not JSON",
    b'{"a": "\n"}': "is not JSON",
    b'{"a": "\\x41"}': "is not JSON",
    b'{"a": 1 /* one */}': "is not JSON",
    b"\xef\xbb\xbf{}": "is not JSON",
    b'{"a": ' + b"9" * 5000 + b"}": "is not JSON",
    b"<!doctype html><title>Sign in</title>": "is not JSON",
    b"{\x00}": "is not JSON",
    "{}".encode("utf-16"): "is not UTF-8",
    "{}".encode("utf-32"): "is not UTF-8",
    b'{"a": "\xff"}': "is not UTF-8",
    b'{"a": "\xc0\xaf"}': "is not UTF-8",
    b'{"a": "\xed\xa0\x80"}': "is not UTF-8",
    b"[]": "is JSON, but not an object",
    b"null": "is JSON, but not an object",
    b'"text"': "is JSON, but not an object",
    b"1": "is JSON, but not an object",
    b"NaN": "has the number NaN",
    b'{"a": NaN}': "has the number NaN",
    b'{"a": [Infinity]}': "has the number Infinity",
    b'{"a": -Infinity}': "has the number -Infinity",
    b'{"a": 1e400}': "has the number 1e400",
    b'{"a": -1e400}': "has the number -1e400",
    b'{"a": 1, "a": 1}': "has the key 'a' twice",
    b'{"a": 1, "\\u0061": 2}': "has the key 'a' twice",
    b'{"b": [{"a": {"c": 1, "d": 2, "c": 3}}]}': "has the key 'c' twice",
    b'{"a": "\\ud800"}': "has half a surrogate pair",
    b'{"a": "\\uDFFF"}': "has half a surrogate pair",
    b'{"\\ud800": 1}': "has half a surrogate pair",
    b'{"a": ["\\ude00\\ud83d"]}': "has half a surrogate pair",
}


def nested(depth: int, opening: bytes = b'{"a":', closing: bytes = b"}") -> bytes:
    return opening * depth + b"1" + closing * depth


@pytest.mark.parametrize("content", GOOD)
def test_plain_json_is_read_as_everywhere(content: bytes) -> None:
    assert load_object(content, "here") == json.loads(content)


@pytest.mark.parametrize(("content", "reason"), BAD.items())
def test_json_of_two_meanings_or_none_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ContentError) as refusal:
        load_object(content, "localhost:5000/app:1.0")

    assert str(refusal.value).startswith(f"localhost:5000/app:1.0: {reason}")


def test_a_page_for_people_is_told_from_a_damaged_document() -> None:
    with pytest.raises(ContentError, match="is this the address of a registry"):
        load_object(b"<!doctype html><title>Sign in</title>", "localhost:5000/app:1.0")
    with pytest.raises(ContentError, match="is not JSON$"):
        load_object(b'{"schemaVersion": 2, ', "localhost:5000/app:1.0")


@given(some.binary() | some.text().map(str.encode) | some.text('{}[]":,0e\\ud8NaI \n').map(str.encode))
def test_any_bytes_are_an_object_or_refused(content: bytes) -> None:
    try:
        document = load_object(content, "here")
    except ContentError:
        return
    assert document == json.loads(content)


@given(json_objects, some.booleans())
def test_whatever_was_written_as_json_is_read_back(document: dict[str, object], ascii_only: bool) -> None:
    assert load_object(json.dumps(document, ensure_ascii=ascii_only).encode(), "here") == document


def test_nesting_is_bounded() -> None:
    load_object(nested(MAX_DEPTH), "here")

    with pytest.raises(ContentError, match=f"is nested deeper than {MAX_DEPTH} levels"):
        load_object(nested(MAX_DEPTH + 1), "here")


@pytest.mark.parametrize("content", [nested(200_000), b'{"a":' + nested(1_000_000, b"[", b"]") + b"}"])
def test_nesting_beyond_all_measure_is_refused_like_any_other(content: bytes) -> None:
    with pytest.raises(ContentError, match="is nested deeper"):
        load_object(content, "here")


def test_a_million_brackets_alone_are_refused() -> None:
    with pytest.raises(ContentError):
        load_object(b"[" * 1_000_000, "here")


def test_a_repeated_key_is_found_quickly_among_very_many() -> None:
    keys = [f'"{number}":0' for number in range(200_000)]
    content = f"{{{','.join(keys)},{keys[-1]}}}".encode()
    began = time.process_time()

    with pytest.raises(ContentError, match="has the key '199999' twice"):
        load_object(content, "here")

    assert time.process_time() - began < 10


@pytest.mark.parametrize("key", ["size", "Size", "SIZE", "\u017fize", "\u017fIZE"])
def test_keys_fold_as_go_folds_them(key: str) -> None:
    assert folded(key) == "size"


def test_the_kelvin_sign_folds_to_k() -> None:
    assert folded("\u212aey") == "key"
