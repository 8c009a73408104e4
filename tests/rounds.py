"""Round trips, counted: a proxy that lets requests through in rounds, all that are waiting at once.

What can be asked at the same time is asked in one round; what needs an answer first is asked in the next. So the number
of rounds is the number of round trips that a run needs over any distance, without those that open connections.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

QUIET = 0.15  # seconds without a new request, after which a round is complete


class Rounds:
    """The rounds so far, and what is waiting for the next one."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._waiting: list[tuple[asyncio.StreamWriter, bytes]] = []
        self._latest = 0.0
        self.host = ""
        self.count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, and one to the server."""
        host, _, port = self._server.rpartition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(self._hold(reader, there_writer), _pass_on(there_reader, writer))

    async def release(self) -> None:
        """Lets rounds go, one after the other, each when nothing has been added to it for a while."""
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(QUIET / 5)
            if self._waiting and now() - self._latest >= QUIET:
                self.count += 1
                round_, self._waiting = self._waiting, []
                for writer, data in round_:
                    writer.write(data)

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self._waiting.append((writer, data))
            self._latest = asyncio.get_running_loop().time()
        writer.close()


@asynccontextmanager
async def in_rounds(server: str) -> AsyncIterator[Rounds]:
    """A server, reached through rounds."""
    rounds = Rounds(server)
    async with await asyncio.start_server(rounds.serve, "127.0.0.1", 0) as listener:
        rounds.host = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        releasing = asyncio.create_task(rounds.release())
        try:
            yield rounds
        finally:
            releasing.cancel()
            await asyncio.sleep(QUIET / 5)  # for the connections to see that the client has gone


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
