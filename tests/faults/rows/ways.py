"""Where the registry sends its clients, TLS, and proxies on the way."""

import datetime as dt
import ssl
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from regtool.transport.clock import SystemClock
from regtool.transport.credential import Password
from tests.faults.proxy import FaultyProxy, Forward, instead
from tests.faults.row import Row
from tests.faults.rows.arranging import LARGE, NAME, PUBLIC, SHORT, Arrange, all_of, always, named, pulling
from tests.faults.world import LAYER, READ, World
from tests.transport.fixtures import network
from tests.transport.scripted import CLOSE, Pause, Reply, Scripted, Seen, Step, answer

SECRET, SIGNATURE = "s3cret-of-alice", "s1gnature"
_DAY = dt.timedelta(days=1)
_PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def to(location: str) -> Arrange:
    """Redirects reads there."""
    return always(READ, instead(answer(307, headers={"Location": location})))


def to_itself(world: World) -> None:
    """A redirect that leads to itself."""
    to(f"/v2/{world.repository}/manifests/amd64")(world)


async def _one_further(seen: Seen, forward: Forward) -> Reply:
    hops = len(seen.target.rpartition("?")[2]) if "?" in seen.target else 0
    return answer(307, headers={"Location": f"{seen.path}?{'x' * (hops + 1)}"})


async def to_storage(world: World) -> None:
    """A blob lies in storage elsewhere, behind a signed address. The registry itself wants a password."""
    storage = await world.stack.enter_async_context(FaultyProxy(world.registry.host))
    world.settings["credentials"] = {world.host: Password("alice", SECRET)}

    async def send_away(seen: Seen, forward: Forward) -> Reply:
        if "authorization" not in seen.headers:
            return answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return answer(307, headers={"Location": f"http://{storage.host}{seen.path}?X-Amz-Signature={SIGNATURE}"})

    world.proxy.on(LAYER.replace("LAYER", world.layer), send_away)
    world.storage = storage
    pulling()(world)


def no_secret_travelled(world: World) -> None:
    """The storage saw no credentials, and nobody was told of the signature."""
    assert world.storage
    assert world.storage.seen
    assert all("authorization" not in seen.headers for seen in world.storage.seen)
    assert SIGNATURE not in repr(world.told)
    assert SECRET not in repr(world.told)


def inside(address: str) -> Arrange:
    """A registry on the outside redirects to a name that resolves to this address."""

    def arrange(world: World) -> None:
        named()(world)
        own = int(world.proxy.host.rpartition(":")[2])
        names = {NAME: PUBLIC, "evil.test": address}
        world.network = network(names, lambda address, port: own)
        to("http://evil.test/latest/meta-data")(world)

    return arrange


def nobody_went_there(world: World) -> None:
    """Not a byte was sent."""
    assert not [seen for seen in world.proxy.seen if "meta-data" in seen.target]


def _tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def _of_itself(folder: Path) -> ssl.SSLContext:
    """The TLS side of a server whose certificate nobody has signed but itself."""
    files, name = (folder / "own.key", folder / "own.pem"), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own")])
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + _DAY)
    alone = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    files[0].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(alone.sign(key, SHA256()).public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files[1], files[0])
    return context


def with_tls(problem: str) -> Arrange:
    """A registry of TLS whose certificate does not do, or that sends its clients back to plain http."""

    async def arrange(world: World) -> None:
        authority = trustme.CA()
        path = Path(world.folder / "ca.pem")
        (trustme.CA() if problem in ("of another CA", "signed by itself") else authority).cert_pem.write_to_path(path)
        names = ["other.test"] if problem == "for another name" else ["127.0.0.1"]
        until = _PAST if problem == "expired" else None
        away = answer(307, headers={"Location": f"http://{world.proxy.host}/v2/"})
        certificate = authority.issue_cert(*names, not_before=until and until - dt.timedelta(days=1), not_after=until)
        context = _of_itself(world.folder) if problem == "signed by itself" else _tls(certificate)
        server = await world.stack.enter_async_context(Scripted(lambda seen: away, context))
        world.host, world.settings["ca_file"] = server.host, path

    return arrange


async def handshake_that_stalls(world: World) -> None:
    """A server that waits for the end of a line of HTTP, while it is greeted in TLS."""
    server = await world.stack.enter_async_context(Scripted(lambda seen: []))
    path = Path(world.folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(path)
    world.host, world.clock = server.host, SystemClock()
    world.settings |= {"ca_file": path, "timeout": SHORT}


def behind(*steps: Step, secure: bool = True) -> Arrange:
    """A registry behind a proxy that answers so; there is no proxy if it has nothing to say."""

    async def arrange(world: World) -> None:
        server = await world.stack.enter_async_context(Scripted(lambda seen: [*steps, CLOSE]))
        host = server.host
        if not steps:
            await server.__aexit__(None, None, None)
        named()(world)
        if steps and isinstance(steps[0], Pause):
            world.clock, world.settings["timeout"] = SystemClock(), SHORT
        world.settings |= {
            "plain_http": not secure,
            "environ": {"HTTPS_PROXY": f"http://user:{SECRET}@{host}", "HTTP_PROXY": f"http://{host}"},
        }

    return arrange


def not_told(world: World) -> None:
    """The password of the proxy is nowhere to be read."""
    assert SECRET not in f"{world.told} {world.outcome}"


# fmt: off
ROWS = [
    Row(35, "a redirect to itself", to_itself, code=6),
    Row(35, "redirects without an end", always(READ, _one_further), code=6),
    Row(36, "a redirect from https to http", with_tls("none"), code=6, heals=False),
    Row(37, "a redirect to storage with a signed address", to_storage, layer=LARGE, check=no_secret_travelled),
    Row(38, "a redirect to the metadata service of a cloud", all_of(named(), to("http://169.254.169.254/meta-data")),
        code=6, check=nobody_went_there),
    Row(38, "a redirect to a name of the machine itself", inside("127.0.0.1"), code=6, check=nobody_went_there),
    Row(38, "a redirect to a name inside the network", inside("10.0.0.1"), code=6, check=nobody_went_there),
    *(Row(54, f"a certificate {problem}", with_tls(problem), code=6, heals=False)
      for problem in ("expired", "for another name", "of another CA", "signed by itself")),
    Row(54, "a TLS handshake that stalls", handshake_that_stalls, code=10, heals=False),
    Row(55, "a proxy that wants another password", behind(answer(407)), code=6, heals=False, check=not_told),
    Row(55, "a proxy that cannot connect", behind(answer(502)), code=6, heals=False, check=not_told),
    Row(55, "a proxy that is not there", behind(), code=6, heals=False, check=not_told),
    Row(55, "a proxy that does not answer", behind(Pause(60)), code=10, heals=False, check=not_told),
    Row(55, "a proxy that refuses plain http", behind(answer(407), secure=False), code=6, heals=False),
]
