"""Sends a call until there is an answer that stays: waits, tries again, and tells what it does."""

from collections.abc import Callable

from regtool.errors import RateLimitedError
from regtool.transport import retry
from regtool.transport.allowance import Allowance
from regtool.transport.clock import Clock
from regtool.transport.deadline import Deadline
from regtool.transport.events import Answered, Event, Failed, Retrying
from regtool.transport.failure import ExchangeFailed
from regtool.transport.gate import Gate, GateClosed, Slot
from regtool.transport.message import Body, Response
from regtool.transport.notices import Notices
from regtool.transport.origin import Origin, Place
from regtool.transport.problem import retry_after
from regtool.transport.redact import redact
from regtool.transport.retry import Again
from regtool.transport.wire import SHORT_READ, Answer, Call, Wire
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """An answer with its body; or with the body still to come, then `answer` is open and has to be closed."""

    place: Place
    response: Response
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """One call to be settled within a deadline, for `what` as messages name it.

    The body of the answer is read up to `limit` bytes; with None the body of a success is left unread.
    """

    call: Call
    deadline: Deadline
    what: str
    limit: int | None

    @property
    def url(self) -> str:
        """The URL as it may be shown."""
        return redact(str(self.call.place))


class Sender:
    """Sends for one client, which has one budget of retries and one gate for each server."""

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        listen: Callable[[Event], None],
        concurrency: Callable[[str], int],
        allowance: Allowance,
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._listen = listen
        self._concurrency = concurrency
        self._allowance = allowance
        self._budget = retry.Budget()
        self._gates: dict[Origin, Gate] = {}
        self._notices = Notices(listen)

    async def send(self, errand: Errand) -> Received:
        """The answer. Raises UnreachableError, TimedOutError, RateLimitedError, ContentError."""
        self._budget.earn()
        tries = 0
        while True:
            tries += 1
            outcome, again = await self._try(errand, tries)
            if again is None or not self._affords(again, errand.deadline):
                return _settled(outcome, errand.what)
            method, url = errand.call.method, errand.url
            self._listen(Retrying(method=method, url=url, reason=again.reason, wait=again.wait, attempt=tries + 1))
            if not again.pause:  # a pause is waited for at the gate
                await self._clock.sleep(again.wait)

    async def _try(self, errand: Errand, tries: int) -> tuple[Received | ExchangeFailed, Again | None]:
        """One try, when the way to the server is open, and whether another one would make sense."""
        gate = self._gate(errand.call)
        slot = await self._slot(gate, errand)
        keep = False
        try:
            async with gate.passage(errand.deadline, upload=isinstance(errand.call.body, Body)):
                outcome = await self._once(errand, slot)
                keep = isinstance(outcome, Received) and outcome.answer is not None
                again = self._again(errand.call.method, outcome, tries)
                _turn(gate, outcome, again)
                return outcome, again
        except GateClosed as closed:
            why = f"{errand.call.place.origin.authority} asks to be left alone for {closed.seconds:.0f} s"
            raise RateLimitedError(errand.what, why, "try again after that", retry_after=closed.seconds) from None
        finally:
            if not keep:  # an answer that is still open gives it back when it is closed
                slot.release()

    async def _once(self, errand: Errand, slot: Slot) -> Received | ExchangeFailed:
        call, start = errand.call, self._clock.monotonic()
        self._allowance.spend(call.method, call.name, errand.what)
        try:
            answer = await self._wire.open(call, errand.deadline, slot.release)
            unread = errand.limit is None and answer.status < 300
            limit = SHORT_READ if errand.limit is None else errand.limit
            content = b"" if unread else await answer.read(limit, errand.what)
        except ExchangeFailed as failure:
            seconds = self._clock.monotonic() - start
            self._listen(Failed(method=call.method, url=errand.url, reason=failure.why, seconds=seconds))
            return failure
        self._tell(errand, answer, self._clock.monotonic() - start)
        response = Response(status=answer.status, headers=answer.headers, content=content, url=str(answer.place))
        return Received(answer.place, response, answer if unread else None)

    def _tell(self, errand: Errand, answer: Answer, seconds: float) -> None:
        method, url, sent = errand.call.method, errand.url, _size(errand.call.body)
        self._listen(
            Answered(method=method, url=url, status=answer.status, seconds=seconds, received=answer.received, sent=sent)
        )
        self._notices.look(errand.call.name, answer.headers)
        self._allowance.look(errand.call.name, answer.headers)

    async def _slot(self, gate: Gate, errand: Errand) -> Slot:
        """Waits for its turn. That time is on nobody's account: it depends on how much else is asked for."""
        start = self._clock.monotonic()
        slot = await gate.slot(upload=isinstance(errand.call.body, Body))
        errand.deadline.extend(self._clock.monotonic() - start)
        return slot

    def _gate(self, call: Call) -> Gate:
        origin = call.place.origin
        if origin not in self._gates:
            self._gates[origin] = Gate(self._clock, self._concurrency(call.name))
        return self._gates[origin]

    def _affords(self, again: Again, deadline: Deadline) -> bool:
        """Whether there is time and budget. Who was asked to wait, and waits, is no burden on the server."""
        return again.wait < deadline.remaining() and (again.pause or self._budget.take())

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
