"""Which server a command line will speak to first."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given

from regtool.cli.foresight import foresee, server_of
from regtool.model.reference import Reference, Repository
from regtool.transport.endpoint import origin_of
from regtool.transport.settings import Settings
from tests.model import strategies

HUB = ("registry-1.docker.io", 443)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(5)
        yield listening


def host_of(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


def accepted(listener: socket.socket) -> int:
    """How many connections have come."""
    listener.settimeout(0.2)
    count = 0
    try:
        while True:
            listener.accept()[0].close()
            count += 1
    except TimeoutError:
        return count


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("r.example/app:1.0", ("r.example", 443)),
        ("R.Example:5000/app", ("r.example", 5000)),
        ("[::1]:5000/app", ("::1", 5000)),
        ("localhost:5000/app", ("localhost", 5000)),
        ("user/app:1.0", HUB),
        ("Registry/app:1.0", ("registry", 443)),
        ("docker.io/library/ubuntu", HUB),
        ("localhost/app", None),
        ("127.0.0.1/app", None),
        ("oci:folder/app", None),
        ("oci:2024/app", None),
        ("oci-archive:/tmp/app.tar", None),
        ("ubuntu", None),
        ("./folder/app.tar", None),
        ("/app", None),
        ("r.example:0/app", None),
        ("r.example:99999/app", None),
        (f"r.example:{'9' * 5000}/app", None),
        ("--output=json", None),
        ("", None),
    ],
)
def test_a_name_tells_its_server_where_that_is_certain(name: str, server: tuple[str, int] | None) -> None:
    assert server_of(name) == server


@given(reference=strategies.references)
def test_what_is_told_is_where_the_reference_is(reference: Reference) -> None:
    told = server_of(str(reference))

    assert isinstance(reference.place, Repository)
    origin = origin_of(reference.place.host, Settings(environ={}, home=Path("/nonexistent")))
    assert told in (None, (origin.host, origin.port))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("inspect {host}/app:1", 1),
        ("create {host}/app:1 {host}/app:amd64 {host}/app:arm64", 3),
        ("create {host}/app:1 -t latest -t other.example/app {host}/app:amd64 127.0.0.1:9/app:arm64", 3),
        ("tag {host}/app:1 latest newest --dry-run", 3),
        ("create {host}/app:1 --plain-http", 0),
        ("login {host}/app", 0),
        ("inspect", 0),
        ("create --tag x", 0),
    ],
)
def test_one_connection_is_begun_for_each_request_that_goes_out_at_once(
    listener: socket.socket, tmp_path: Path, line: str, count: int
) -> None:
    early = foresee(line.format(host=host_of(listener)).split(), {"XDG_CONFIG_HOME": str(tmp_path)})

    assert accepted(listener) == count
    while early and early.addresses() and (begun := early.take(*listener.getsockname())):
        begun[0].close()


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "REGTOOL_CONFIG"])
def test_nothing_is_begun_where_something_may_stand_between(listener: socket.socket, tmp_path: Path, name: str) -> None:
    words = ["inspect", f"{host_of(listener)}/app"]

    assert foresee(words, {"XDG_CONFIG_HOME": str(tmp_path), name: "proxy.example:3128"}) is None
    assert accepted(listener) == 0


def test_nothing_is_begun_where_a_configuration_may_name_a_mirror(listener: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "regtool").mkdir()
    (tmp_path / "regtool" / "config.toml").touch()

    assert foresee(["inspect", f"{host_of(listener)}/app"], {"XDG_CONFIG_HOME": str(tmp_path)}) is None
    assert accepted(listener) == 0


def test_it_is_told_before_anything_else_is_imported() -> None:
    program = "import sys; from regtool.cli.foresight import foresee; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "ssl", "h11", "dataclasses", "inspect"}
    assert {name for name in loaded if name.startswith("regtool.")} == {
        "regtool.cli",
        "regtool.cli.foresight",
        "regtool.transport",
        "regtool.transport.early",
    }
