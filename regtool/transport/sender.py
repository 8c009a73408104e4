"""Sends a call until there is an answer that stays: waits, tries again, and tells what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from regtool.errors import RateLimitedError
from regtool.transport import retry
from regtool.transport.clock import Clock
from regtool.transport.deadline import Deadline
from regtool.transport.events import Answered, Event, Failed, Retrying
from regtool.transport.failure import ExchangeFailed
from regtool.transport.gate import Gate, GateClosed
from regtool.transport.message import Body, Response
from regtool.transport.notices import Notices
from regtool.transport.origin import Origin, Place
from regtool.transport.problem import retry_after
from regtool.transport.redact import redact
from regtool.transport.retry import Again
from regtool.transport.wire import SHORT_READ, Answer, Call, Wire


@dataclass(frozen=True, slots=True)
class Received:
    """An answer with its body; or with the body still to come, then `answer` is open and has to be closed."""

    place: Place
    response: Response
    answer: Answer | None = None


class Sender:
    """Sends for one client, which has one budget of retries and one gate for each server."""

    def __init__(self, wire: Wire, clock: Clock, listen: Callable[[Event], None]) -> None:
        self._wire = wire
        self._clock = clock
        self._listen = listen
        self._budget = retry.Budget()
        self._gates: dict[Origin, Gate] = {}
        self._notices = Notices(listen)

    async def send(self, call: Call, deadline: Deadline, what: str, limit: int | None) -> Received:
        """The answer to `call`, its body read up to `limit` bytes; with None the body of a success is left unread.

        Raises UnreachableError, TimedOutError, RateLimitedError, ContentError.
        """
        self._budget.earn()
        tries = 0
        while True:
            tries += 1
            outcome, again = await self._try(call, deadline, what, limit, tries)
            if again is None:
                return _settled(outcome, what)
            url = redact(str(call.place))
            self._listen(Retrying(method=call.method, url=url, reason=again.reason, wait=again.wait, attempt=tries + 1))
            if not again.pause:  # a pause is waited for at the gate
                await self._clock.sleep(again.wait)

    async def _try(
        self, call: Call, deadline: Deadline, what: str, limit: int | None, tries: int
    ) -> tuple[Received | ExchangeFailed, Again | None]:
        gate = self._gates.setdefault(call.place.origin, Gate(self._clock))
        try:
            async with gate.passage(deadline):
                outcome = await self._once(call, deadline, what, limit)
                again = self._again(call.method, outcome, tries)
                _turn(gate, outcome, again)
        except GateClosed as closed:
            why = f"{call.place.origin.authority} asks to be left alone for {closed.seconds:.0f} s"
            raise RateLimitedError(what, why, "try again after that", retry_after=closed.seconds) from None
        affordable = again is not None and again.wait < deadline.remaining() and self._budget.take()
        return outcome, again if affordable else None

    async def _once(self, call: Call, deadline: Deadline, what: str, limit: int | None) -> Received | ExchangeFailed:
        start, url = self._clock.monotonic(), redact(str(call.place))
        try:
            answer = await self._wire.open(call, deadline)
            unread = limit is None and answer.status < 300
            content = b"" if unread else await answer.read(SHORT_READ if limit is None else limit, what)
        except ExchangeFailed as failure:
            seconds = self._clock.monotonic() - start
            self._listen(Failed(method=call.method, url=url, reason=failure.why, seconds=seconds))
            return failure
        seconds, sent = self._clock.monotonic() - start, _size(call.body)
        self._listen(
            Answered(
                method=call.method, url=url, status=answer.status, seconds=seconds, received=answer.received, sent=sent
            )
        )
        self._notices.look(call.name, answer.headers)
        response = Response(status=answer.status, headers=answer.headers, content=content, url=str(answer.place))
        return Received(answer.place, response, answer if unread else None)

    def _again(self, method: str, outcome: Received | ExchangeFailed, tries: int) -> Again | None:
        chance = self._clock.chance()
        if isinstance(outcome, ExchangeFailed):
            return retry.after_failure(method, outcome, tries, chance)
        response = outcome.response
        return retry.after_answer(method, response.status, retry_after(response, self._clock.time()), tries, chance)


def _turn(gate: Gate, outcome: Received | ExchangeFailed, again: Again | None) -> None:
    if again is not None and again.pause:
        gate.close(again.wait)
    elif isinstance(outcome, Received):
        gate.open()


def _settled(outcome: Received | ExchangeFailed, what: str) -> Received:
    if isinstance(outcome, ExchangeFailed):
        raise outcome.error(what) from outcome
    return outcome


def _size(body: bytes | Body | None) -> int:
    return body.size if isinstance(body, Body) else len(body or b"")
