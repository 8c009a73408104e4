"""A line to a server: bytes in, bytes out, with or without TLS, and no wait without an end."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable

from regtool.transport.early import Begun
from regtool.transport.failure import ConnectFailed

Patience = Callable[[], float]  # how many seconds the next step may take

CHUNK = 256 * 1024  # bytes that are taken from a line, or kept ready on it


class Line:
    """One connection, on asyncio's streams. Raises TimeoutError when a step takes longer than it may."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, below: "Line | None" = None) -> None:
        self._reader = reader
        self._writer = writer
        self._below = below  # what TLS runs on; asyncio complains if it is forgotten while it is open

    @classmethod
    async def dial(cls, address: str, port: int) -> "Line":
        """A line to one address. Raises OSError."""
        return cls(*await asyncio.open_connection(address, port, limit=CHUNK))

    @classmethod
    async def finish(cls, begun: Begun) -> "Line":
        """A line of a connection that was begun elsewhere. Raises OSError."""
        one, address = begun
        try:
            await _connected(one, address)
            return cls(*await asyncio.open_connection(sock=one, limit=CHUNK))
        except BaseException:
            one.close()
            raise

    @property
    def is_over(self) -> bool:
        """Whether the other side has ended it, or we have."""
        return self._reader.at_eof() or self._writer.is_closing()

    async def is_quiet(self) -> bool:
        """Whether nothing has come that nobody has read, not even the end."""
        # Not by `asyncio.timeout`: in early Pythons 3.11 one that runs out in a task that is being cancelled ends the
        # task, and what a cancelled run has to take back is asked for on lines like this one.
        hearing = asyncio.ensure_future(self._reader.read(1))
        try:
            await asyncio.wait([hearing], timeout=0)
        finally:
            hearing.cancel()
        await asyncio.wait([hearing])
        return hearing.cancelled()

    async def read(self, patience: Patience) -> bytes:
        """What has come, at least one byte; nothing once the other side has ended the line."""
        async with asyncio.timeout(patience()):
            return await self._reader.read(CHUNK)

    async def write(self, data: bytes, patience: Patience) -> None:
        """Sends all of it, or at least as much that only a little is left to send."""
        self._writer.write(data)
        async with asyncio.timeout(patience()):
            await self._writer.drain()

    async def with_tls(self, context: ssl.SSLContext, host: str, patience: Patience) -> "Line":
        """The same line with TLS on it; `host` is who the certificate has to be for. Raises ConnectFailed."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            async with asyncio.timeout(patience()):
                transport = await loop.start_tls(self._writer.transport, protocol, context, server_hostname=host)
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectFailed from error
        if transport is None:
            raise ConnectFailed
        protocol.connection_made(transport)
        return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop), below=self)

    def abandon(self) -> None:
        """Ends the line at once, whatever is on it."""
        self._writer.transport.abort()

    async def aclose(self) -> None:
        """Ends the line, and returns when it has ended."""
        self.abandon()
        await asyncio.sleep(0)  # in which the loop closes the socket; a line below TLS would never hear of it


async def _connected(one: socket.socket, address: tuple[str, int]) -> None:
    """Waits for a connection that was begun. Raises OSError."""
    try:
        await asyncio.get_running_loop().sock_connect(one, address)
    except OSError as error:
        if error.errno != errno.EISCONN:  # what a second call says, on some systems, where the first has succeeded
            raise
