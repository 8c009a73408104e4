"""Running the registry until it is told to stop."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from regtool.errors import UsageError
from regtool.server.app import App, Listen, create_app, ignore

LOOPBACK = "127.0.0.1"
_BACKLOG = 512
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(
    root: Path | None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    announce: Callable[[str], None],
    anywhere: bool = False,
    listen: Listen = ignore,
) -> None:
    """Serves the layouts below `root` until SIGINT or SIGTERM; without `root`, a directory that is gone afterwards.

    Port 0 takes any that is free. `announce` is called with the URL once a client can connect to it, `listen` with
    each request that was answered. Only loopback is served unless `anywhere`. Raises UsageError and StorageError.
    """
    check_reachable(host, anywhere=anywhere)
    app = create_app(root, hosts={host}, listen=listen)
    try:
        async with serving(app, host, port) as url:
            with _told_to_stop() as told:
                announce(url)
                await told.wait()
    finally:
        app.close()


@asynccontextmanager
async def serving(app: App, host: str = LOOPBACK, port: int = 0) -> AsyncIterator[str]:
    """Serves `app` while the block runs, and gives its URL. Raises UsageError."""
    try:
        from regtool.server.listener import listening  # uvicorn is an extra, and slow to import
    except ModuleNotFoundError as missing:
        raise UsageError("regtool serve", f"needs {missing.name}", "pip install 'regtool[serve]'") from None
    with _door(host, port) as door:
        async with listening(app, door):
            name = f"[{host}]" if ":" in host else host
            yield f"http://{name}:{door.getsockname()[1]}"


def check_reachable(host: str, *, anywhere: bool) -> None:
    """Refuses an address that others can reach, unless that is wanted: nobody needs a password here."""
    if not anywhere and not _is_loopback(host):
        raise UsageError(host, "others could reach the registry there, and it asks for no password", f"use {LOOPBACK}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _door(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound, so that its port is known before anything is served."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(host, f"is no address here: {error.strerror}") from None
    with door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(address)
            door.listen(_BACKLOG)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"{host}:{port}", f"cannot listen there: {reason}", "choose another --port") from None
        yield door


@contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """An event that the first SIGINT or SIGTERM sets; a second one has its usual effect."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def leave_alone() -> None:
        with suppress(NotImplementedError):  # Windows, where SIGINT becomes a KeyboardInterrupt
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def tell() -> None:
        told.set()
        leave_alone()

    with suppress(NotImplementedError):
        for number in _SIGNALS:
            loop.add_signal_handler(number, tell)
    try:
        yield told
    finally:
        leave_alone()
