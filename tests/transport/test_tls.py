"""TLS with real certificates: what is trusted, what is shown, and what the user is told when it fails."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
import trustme

from regtool.errors import TimedOutError, UnreachableError, UsageError
from regtool.transport.events import Failed
from regtool.transport.settings import HostSettings
from regtool.transport.tls import context_for, trust_for
from tests.transport.fixtures import Recorded, VirtualClock, bare, get, network
from tests.transport.scripted import Scripted, answer

PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def speaking(certificate: trustme.LeafCert, client_authority: trustme.CA | None = None) -> Scripted:
    """A TLS server with this certificate, which may want one from its clients."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    if client_authority:
        client_authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return Scripted(lambda seen: answer(200, b"secure"), context)


async def test_a_private_ca_is_trusted_when_it_is_named(authority: trustme.CA, ca_file: Path) -> None:
    async with speaking(authority.issue_cert("127.0.0.1")) as server, Recorded(bare(ca_file=ca_file)) as client:
        response = await client.send(get(server.host))

    assert (response.content, response.url[:8]) == (b"secure", "https://")


async def test_the_name_in_the_certificate_is_the_registrys(authority: trustme.CA, ca_file: Path) -> None:
    async with speaking(authority.issue_cert("registry.test")) as server:
        names = network({"registry.test": "127.0.0.1"}, {("127.0.0.1", 443): server.port})
        async with Recorded(bare(ca_file=ca_file), network=names) as client:
            assert (await client.send(get("registry.test"))).content == b"secure"


@pytest.mark.parametrize(
    ("problem", "complaint"),
    [
        ("unknown", "is not trusted: unable to get local issuer certificate; name the CA with --ca-file, or skip"),
        ("wrong name", "is not trusted: IP address mismatch"),
        ("expired", "is not trusted: certificate has expired"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_an_error_that_says_why(
    authority: trustme.CA, ca_file: Path, problem: str, complaint: str
) -> None:
    certificate = {
        "unknown": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "wrong name": lambda: authority.issue_cert("127.0.0.9"),
        "expired": lambda: authority.issue_cert("127.0.0.1", not_before=PAST, not_after=PAST + dt.timedelta(1)),
    }[problem]()
    async with speaking(certificate) as server, Recorded(bare(ca_file=ca_file)) as client:
        with pytest.raises(UnreachableError, match=f"the certificate of {server.host} {complaint}"):
            await client.send(get(server.host))

    assert server.seen == []
    assert len(client.told(Failed)) == 1  # it is no use trying again


async def test_insecure_skips_the_check_for_the_named_host_only(authority: trustme.CA) -> None:
    async with speaking(authority.issue_cert("other")) as one, speaking(authority.issue_cert("other")) as two:
        settings = bare(insecure=frozenset({one.host}), hosts={two.host: HostSettings(plain_http=False)})
        async with Recorded(settings) as client:
            assert (await client.send(get(one.host))).content == b"secure"
            with pytest.raises(UnreachableError, match="is not trusted"):
                await client.send(get(two.host))


async def test_there_is_no_falling_back_to_plain_http(ca_file: Path) -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read(65536))
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, Recorded(bare(ca_file=ca_file)) as client:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(UnreachableError, match=f"{host} does not speak TLS; .*--plain-http"):
            await client.send(get(host))

    assert [content[:1] for content in got] == [b"\x16"]  # one ClientHello, and nothing after it


async def test_a_handshake_that_stalls_ends_in_time(ca_file: Path) -> None:
    async with Scripted(lambda seen: answer()) as silent, Recorded(bare(ca_file=ca_file, timeout=0.3)) as client:
        with pytest.raises(TimedOutError):
            await client.send(get(silent.host))


async def test_plain_http_to_a_server_of_tls_is_an_error(authority: trustme.CA) -> None:
    async with speaking(authority.issue_cert("127.0.0.1")) as server, Recorded(clock=VirtualClock()) as client:
        with pytest.raises(UnreachableError, match=f"{server.host} broke off the connection"):
            await client.send(get(server.host))


async def test_a_client_certificate_is_shown(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    mine = authority.issue_cert("me@example.com")
    mine.cert_chain_pems[0].write_to_path(tmp_path / "me.cert")
    mine.private_key_pem.write_to_path(tmp_path / "me.key")
    async with speaking(authority.issue_cert("127.0.0.1"), authority) as server:
        pair = {"client_cert": tmp_path / "me.cert", "client_key": tmp_path / "me.key"}
        async with Recorded(bare(ca_file=ca_file, **pair)) as client:
            assert (await client.send(get(server.host))).content == b"secure"
        async with Recorded(bare(ca_file=ca_file)) as client:
            with pytest.raises(UnreachableError):
                await client.send(get(server.host))


async def test_certs_d_holds_cas_and_pairs_for_one_registry(authority: trustme.CA, tmp_path: Path) -> None:
    async with speaking(authority.issue_cert("127.0.0.1"), authority) as server:
        place_certificates(tmp_path / ".config" / "containers" / "certs.d" / server.host, authority)
        async with Recorded(bare(home=tmp_path)) as client:
            assert (await client.send(get(server.host))).content == b"secure"


def place_certificates(directory: Path, authority: trustme.CA) -> None:
    directory.mkdir(parents=True)
    mine = authority.issue_cert("me@example.com")
    authority.cert_pem.write_to_path(directory / "ca.crt")
    mine.cert_chain_pems[0].write_to_path(directory / "client.cert")
    mine.private_key_pem.write_to_path(directory / "client.key")


async def test_ssl_cert_file_takes_the_place_of_the_systems_cas(authority: trustme.CA, ca_file: Path) -> None:
    async with speaking(authority.issue_cert("127.0.0.1")) as server:
        settings = bare(environ={"SSL_CERT_FILE": str(ca_file)}, hosts={server.host: HostSettings(plain_http=False)})
        async with Recorded(settings) as client:
            assert (await client.send(get(server.host))).content == b"secure"


def test_half_a_pair_in_certs_d_is_an_error(tmp_path: Path) -> None:
    directory = tmp_path / ".config" / "containers" / "certs.d" / "r.io"
    directory.mkdir(parents=True)
    (directory / "client.cert").write_text("x")

    with pytest.raises(UsageError, match=r"client.cert: has no client.key beside it"):
        trust_for("r.io", bare(home=tmp_path))


def test_the_first_directory_counts_and_they_are_not_merged(tmp_path: Path) -> None:
    for tool in ("containers", "docker"):
        directory = tmp_path / ".config" / tool / "certs.d" / "r.io"
        directory.mkdir(parents=True)
        (directory / f"{tool}.crt").write_text("x")

    assert [path.name for path in trust_for("r.io", bare(home=tmp_path)).authorities] == ["containers.crt"]
    assert trust_for("r.io:443", bare(home=tmp_path)).authorities == ()


@pytest.mark.parametrize(
    ("content", "complaint"), [("", "holds no certificate"), ("junk", "holds no certificate"), (None, "cannot be read")]
)
def test_a_ca_file_that_is_none_is_named(tmp_path: Path, content: str | None, complaint: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    with pytest.raises(UsageError, match=f"{path}: {complaint}"):
        context_for(trust_for("r.io", bare(ca_file=path)))


async def test_a_file_that_is_none_is_a_mistake_of_the_user_also_when_it_is_met_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("junk")

    async with Recorded(bare(ca_file=path)) as client:
        async with Scripted(lambda seen: answer()) as server:
            with pytest.raises(UsageError, match=f"{path}: holds no certificate"):
                await client.send(get(server.host))


async def test_a_certificate_makes_loopback_speak_tls(authority: trustme.CA, tmp_path: Path) -> None:
    mine = authority.issue_cert("me@example.com")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "me")
    async with speaking(trustme.CA().issue_cert("127.0.0.1")) as server:
        async with Recorded(bare(client_cert=tmp_path / "me")) as client:
            with pytest.raises(UnreachableError, match="is not trusted"):
                await client.send(get(server.host))


@pytest.mark.parametrize("given", ["ca_file", "client_cert", "client_key"])
async def test_certificates_are_not_silently_left_out_in_plain_http(given: str, tmp_path: Path) -> None:
    async with Scripted(lambda seen: answer()) as server:
        async with Recorded(bare(plain_http=True, **{given: tmp_path / "x"})) as client:
            with pytest.raises(UsageError, match=f"{server.host}: is to be spoken to in plain http, where cert"):
                await client.send(get(server.host))

        assert server.seen == []


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"/k: is a key without its certificate; name both: --cert FILE --key FILE"):
        trust_for("r.io", bare(client_key=tmp_path / "k"))


def test_insecure_knows_a_host_with_and_without_the_usual_port() -> None:
    settings = bare(insecure=frozenset({"r.io", "s.io:5000"}))

    skipped = [
        name for name in ("r.io", "r.io:443", "r.io:5000", "s.io", "s.io:5000") if settings.skips_verification(name)
    ]
    assert skipped == ["r.io", "r.io:443", "s.io:5000"]


def test_who_names_a_registry_goes_before_its_section_which_goes_before_what_is_for_all() -> None:
    hosts = {"r.io": HostSettings(insecure=False)}

    assert bare(hosts=hosts, insecure=frozenset({"r.io"})).skips_verification("r.io")
    assert not bare(hosts=hosts, insecure=True).skips_verification("r.io")


def test_a_key_that_does_not_fit_is_named(authority: trustme.CA, tmp_path: Path) -> None:
    authority.issue_cert("a@b").cert_chain_pems[0].write_to_path(tmp_path / "c")
    authority.issue_cert("a@b").private_key_pem.write_to_path(tmp_path / "k")

    with pytest.raises(UsageError, match=f"{tmp_path / 'c'}: is no pair with {tmp_path / 'k'}"):
        context_for(trust_for("r.io", bare(client_cert=tmp_path / "c", client_key=tmp_path / "k")))


def test_tls_before_1_2_is_not_spoken(ca_file: Path) -> None:
    for choices in ({"ca_file": ca_file}, {"insecure": True}, {"environ": {"SSL_CERT_FILE": str(ca_file)}}):
        assert context_for(trust_for("r.io", bare(**choices))).minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_host_of_the_configuration_goes_before_what_is_set_for_all(tmp_path: Path) -> None:
    own = HostSettings(client_cert=tmp_path / "own", ca_file=tmp_path / "own-ca", insecure=False)
    settings = bare(client_cert=tmp_path / "all", ca_file=tmp_path / "ca", insecure=True, hosts={"r.io": own})

    trust = trust_for("r.io", settings)
    assert (trust.verify, trust.client, trust.authorities) == (
        True,
        (tmp_path / "own", None),
        (tmp_path / "own-ca", tmp_path / "ca"),
    )
