"""What an exception of the network means, in words that name the server, the reason and the way out."""

import socket
import ssl

import h11

from regtool.transport.failure import (
    ConnectFailed,
    ConnectTimedOut,
    Disconnected,
    ExchangeFailed,
    Kind,
    ProxyRefused,
    ProxyUntrusted,
)
from regtool.transport.origin import Origin
from regtool.transport.visible import visible


def failure_of(
    error: Exception, origin: Origin, *, proxy: Origin | None, late: bool, reused: bool
) -> ExchangeFailed | None:
    """`error` as a failed exchange with `origin`, None if it is no matter of the network.

    `proxy` is what was connected to instead, if anything. `late` says that the deadline has passed, `reused` that the
    connection had been kept alive from an earlier request.
    """
    if isinstance(error, TimeoutError | ConnectTimedOut):
        return _timed_out(error, origin, proxy, late=late)
    if isinstance(error, ProxyRefused):
        return _refused(error, origin, proxy)
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls(cause, proxy if proxy and isinstance(error, ProxyUntrusted) else origin)
        if isinstance(cause, socket.gaierror):
            return _name(cause, origin) if proxy is None else _proxy(proxy, "its name cannot be resolved")
    if isinstance(error, ConnectFailed) and proxy is not None:
        return _proxy(proxy, _word(causes))
    if isinstance(error, ConnectFailed):
        return ExchangeFailed(Kind.CONNECT, f"cannot connect to {origin.authority}: {_word(causes)}")
    if isinstance(error, h11.RemoteProtocolError):
        return ExchangeFailed(Kind.GARBLED, f"{origin.authority} does not answer in HTTP: {visible(str(error))}")
    if isinstance(error, OSError | Disconnected):
        kind = Kind.STALE if reused else Kind.BROKEN
        return ExchangeFailed(kind, f"{origin.authority} broke off the connection")
    return None


def _proxy(proxy: Origin, reason: str) -> ExchangeFailed:
    return ExchangeFailed(Kind.PROXY, f"cannot connect to the proxy {proxy.authority}: {reason}")


def _refused(error: ProxyRefused, origin: Origin, proxy: Origin | None) -> ExchangeFailed:
    said, who = visible(str(error)), f"the proxy {proxy.authority}" if proxy else "the proxy"
    hint = "give its password in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT" if said.startswith("407") else None
    return ExchangeFailed(Kind.PROXY, f"{who} refuses to connect to {origin.authority}: {said}", hint)


def _timed_out(error: Exception, origin: Origin, proxy: Origin | None, *, late: bool) -> ExchangeFailed:
    if proxy and isinstance(error, ConnectTimedOut):
        kind = Kind.DEADLINE if late else Kind.SLOW
        return ExchangeFailed(kind, f"the proxy {proxy.authority} does not connect to {origin.authority} in time")
    if late:
        return ExchangeFailed(
            Kind.DEADLINE, f"{origin.authority} did not finish its answer in time", "allow more with --timeout"
        )
    if isinstance(error, ConnectTimedOut):
        return ExchangeFailed(Kind.SLOW, f"{origin.authority} does not accept the connection in time")
    return ExchangeFailed(Kind.SLOW, f"{origin.authority} stopped answering")


def _name(error: socket.gaierror, origin: Origin) -> ExchangeFailed:
    if error.errno == socket.EAI_AGAIN:
        return ExchangeFailed(Kind.NAME_FOR_NOW, f"the name {origin.host} cannot be resolved at the moment")
    return ExchangeFailed(Kind.NAME, f"there is no host {origin.host}", "check the spelling of the registry's name")


def _tls(error: ssl.SSLError, origin: Origin) -> ExchangeFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"the certificate of {origin.authority} is not trusted: {visible(error.verify_message)}"
        return ExchangeFailed(
            Kind.TLS, why, f"name the CA with --ca-file, or skip the check with --insecure {origin.authority}"
        )
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"):
        return ExchangeFailed(
            Kind.TLS,
            f"{origin.authority} does not speak TLS",
            "if it speaks plain http, set plain_http = true for it in config.toml, or add --plain-http",
        )
    reason = (error.reason or "handshake failed").replace("_", " ").lower()
    return ExchangeFailed(Kind.TLS, f"no TLS connection to {origin.authority}: {reason}")


def _causes(error: BaseException) -> list[BaseException]:
    """The exceptions behind this one, through groups of them, outermost first."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(found) < 32:
        cause = waiting.pop(0)
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
        waiting += [cause.__cause__, cause.__context__]
    return found


def _word(causes: list[BaseException]) -> str:
    numbered = [cause for cause in causes if isinstance(cause, OSError) and cause.errno and cause.strerror]
    if not numbered:
        return "no connection"
    innermost = numbered[-1]
    return "connection refused" if isinstance(innermost, ConnectionRefusedError) else str(innermost.strerror).lower()
