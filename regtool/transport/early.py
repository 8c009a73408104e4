"""Connections that are begun before anybody can use them: while Python imports what is needed to speak on them.

That hides the look-up of a name and the opening of a connection, one round trip, behind a start that takes as long.
Nothing is sent here, and nothing decided: `Network` judges the address before the first byte, as for any connection.
"""

import socket
from contextlib import suppress
from threading import Thread

Begun = tuple[socket.socket, tuple[str, int]]  # a socket, and the address to which it connects


class Early:
    """Looks up one server and begins `count` connections to its first address, in a thread."""

    def __init__(self, host: str, port: int, count: int) -> None:
        self.server = (host, port)
        self._addresses: list[str] = []
        self._begun: list[Begun] = []
        self._thread = Thread(target=self._begin, args=(count,), daemon=True)
        self._thread.start()

    def addresses(self) -> list[str]:
        """The addresses of the server, best first; none if the look-up failed. Waits for it."""
        self._thread.join()
        return self._addresses

    def take(self, address: str, port: int) -> Begun | None:
        """A connection that was begun to this address, for the caller to finish, and to close; never waits."""
        if self._thread.is_alive() or port != self.server[1] or address not in self.addresses()[:1]:
            return None
        return self._begun.pop() if self._begun else None

    def _begin(self, count: int) -> None:
        with suppress(OSError):  # whoever then connects meets the same failure, and tells it
            host, port = self.server
            found = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
            self._addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
            family, kind, protocol, _, address = found[0]
            for _ in range(count):
                one = socket.socket(family, kind, protocol)
                one.setblocking(False)  # noqa: FBT003
                one.connect_ex(address)
                self._begun.append((one, address))  # type: ignore[arg-type] # IPv6 addresses have two numbers more
