"""Distance to a server, made on this machine: a proxy that lets every byte take its time, and counts requests.

A round trip of 50 ms means 25 ms each way. Opening a connection costs a round trip, as it does over a real line: the
kernel accepts at once, so the proxy holds back the client's first bytes instead.
"""

import asyncio
import re
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Self

_REQUEST = re.compile(rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+ HTTP/1\.1\r$", re.MULTILINE)
_CHUNK = 256 * 1024
_ON_THE_WAY = 16  # chunks that are under way at most: a line holds so much and no more


class DelayProxy:
    """Stands before a server on loopback, `round_trip` seconds away; `host` is where clients find it.

    It runs in a thread of its own, with `with` around the time for which it is wanted.
    """

    def __init__(self, server: str, round_trip: float) -> None:
        self._server = server
        self._round_trip = round_trip
        self._started: Future[str] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._serving: set[asyncio.Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.host = ""
        self.requests = 0
        self.connections = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.host = self._started.result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def forget(self) -> None:
        """Begins to count anew."""
        self.requests = self.connections = 0

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._started.set_result(f"127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        await self._stop.wait()
        listener.close()
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = asyncio.get_running_loop().time() + self._round_trip
        self.connections += 1
        serving = asyncio.ensure_future(self._between(reader, writer, connected))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connected: float) -> None:
        """Stands between one client and the server until one of them leaves."""
        host, _, port = self._server.rpartition(":")
        there = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(
                self._carry(reader, there[1], connected, requests=True), self._carry(there[0], writer, 0.0)
            )
        except (OSError, asyncio.CancelledError):
            pass  # one side has gone, and so goes the other; or the proxy is no longer wanted
        finally:
            writer.close()
            there[1].close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, earliest: float, *, requests: bool = False
    ) -> None:
        """Carries bytes one way. They are written in their order, each half a round trip after it came."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THE_WAY)
        arriving = asyncio.create_task(_deliver(on_the_way, writer))
        now = asyncio.get_running_loop().time
        try:
            while True:
                data = await reader.read(_CHUNK)
                self.requests += len(_REQUEST.findall(data)) if requests else 0
                await on_the_way.put((max(now(), earliest) + self._round_trip / 2, data))
                if not data:
                    break
            await arriving
        finally:
            arriving.cancel()


async def _deliver(on_the_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
    """Writes what is due; the empty bytes at the end of a stream end the stream there, too."""
    while True:
        due, data = await on_the_way.get()
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        if not data:
            writer.write_eof()
            return
        writer.write(data)
        await writer.drain()
