"""What an argument may be: one rule for each kind, for brokers, workers, clients and the command.

Each function returns the value as it will be used. It raises TypeError where the type is wrong, ValueError where the
value is, and both texts name the argument, what it may be, and what it was.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterable, Mapping, Set
from typing import Any

import zmq
import zmq.asyncio

MMI = b"mmi."  # RFC 8: the broker answers these services itself
LONGEST_NAME = 255  # bytes of a service's name
LONGEST_TIME = 1e9  # seconds, some 30 years; more is `inf`
MANY = 2**53  # up to here a number is exact in every arithmetic

BytesLike = bytes | bytearray | memoryview
"""What most programs have for a frame; `one_frame` takes all that has a buffer."""

_TRANSPORTS = ("tcp", "ipc", "inproc", "ws", "wss", "tipc", "vmci")


def seconds(name: str, value: Any, *, least: float = 0.0, above: bool = True, finite: bool = False) -> float:
    """A time: more than `least`, or also `least` itself where `above` is not set. `inf` means none, unless `finite`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {_shown(value)}")
    bound = f"more than {least:g}" if above else f"at least {least:g}"
    if not value >= least or (above and value == least):  # nan is neither
        raise ValueError(f"{name} must be {bound} seconds, not {_shown(value)}")
    if finite and value == math.inf:
        raise ValueError(f"{name} must be {bound} seconds and not for ever: {value} is none")
    if LONGEST_TIME < value < math.inf:
        raise ValueError(f"{name} must be at most {LONGEST_TIME:g} seconds, or inf, not {_shown(value)}")
    return value


def count(name: str, value: Any, *, least: int = 1, most: int = MANY, infinite: bool = False) -> float:
    """A whole number from `least` to `most`; where `infinite` is set, `inf` means that there is no limit."""
    if isinstance(value, float) and value == math.inf:
        if infinite:
            return value
        if most < MANY:
            raise ValueError(f"{name} must be from {least} to {most}, not inf")
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number{' or inf' if infinite else ''}, not {_shown(value)}")
    if not least <= value <= most:
        bound = f"from {least} to {most}"
        if most == MANY:
            bound = f"at least {least}" if value < least else f"at most {most}"
        raise ValueError(f"{name} must be {bound}, not {_shown(value)}")
    return value


def service_name(value: Any, *, mmi: bool = False) -> bytes:
    """The name of a service: 1 to `LONGEST_NAME` bytes of printable UTF-8. `mmi`: also those of the broker."""
    if not isinstance(value, str | bytes):
        raise TypeError(f"the name of a service must be str or bytes, not {_shown(value)}")
    try:
        name = value.encode() if isinstance(value, str) else bytes(value)
    except UnicodeEncodeError as error:
        raise ValueError(f"{_shown(value)} is no name of a service: it cannot be written in UTF-8") from error
    if objection := why_no_service(name, LONGEST_NAME, mmi=mmi):
        raise ValueError(f"{_shown(value)} is no name of a service: {objection}")
    return name


@functools.lru_cache(maxsize=1024)  # every request asks
def why_no_service(name: bytes, longest: float, *, mmi: bool = False) -> str:
    """Why no service can have that name; "" if one can."""
    if not name:
        return "it is empty"
    if len(name) > longest:
        return f"it has {len(name)} bytes, and {longest} are allowed"
    try:
        printable = name.decode().isprintable()
    except UnicodeDecodeError:
        return "it is no UTF-8"
    if not printable:
        return "it has characters that cannot be printed"
    if not mmi and name.startswith(MMI):
        return "names that begin with mmi. are the broker's own"
    return ""


def endpoint(name: str, value: Any) -> str:
    """An endpoint that libzmq can understand: ``transport://address``, and with tcp a host and a port."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str like 'tcp://127.0.0.1:5555', not {_shown(value)}")
    transport, separator, address = value.partition("://")
    if not separator or not address or transport not in _TRANSPORTS or "\0" in value:
        raise ValueError(
            f"{name} must be like 'tcp://127.0.0.1:5555' ({', '.join(_TRANSPORTS[:3])} …), not {_shown(value)}"
        )
    host, separator, port = address.rpartition(":")
    if transport == "tcp" and not (host and (port == "*" or (port.isdecimal() and int(port) <= 65535))):
        raise ValueError(f"{name} must end in a port from 0 to 65535, like 'tcp://127.0.0.1:5555', not {_shown(value)}")
    return value


def endpoints(name: str, value: Any) -> tuple[str, ...]:
    """One endpoint to connect to, or a list of them: each once, none of which is within a process."""
    if not isinstance(value, str | list | tuple):
        raise TypeError(f"{name} must be a str like 'tcp://127.0.0.1:5555', or a list of such, not {_shown(value)}")
    if isinstance(value, str):
        return (endpoint(name, value),)
    if not value:
        raise ValueError(f"{name} is an empty list: give one broker or more, like ['tcp://127.0.0.1:5555']")
    if len(value) == 1:
        return (endpoint(name, value[0]),)
    several = tuple(endpoint(f"{name}[{place}]", each) for place, each in enumerate(value))
    for each in several:
        if several.count(each) > 1:
            raise ValueError(f"{name} has {_shown(each)} twice: give each broker once, in the order to try them")
        if each.startswith("inproc:"):
            raise ValueError(
                f"{name} has {_shown(each)} among others: in a process nobody sees that a broker is gone. "
                "Give it alone, or use tcp:// or ipc://"
            )
    return several


def context(value: Any) -> zmq.Context[Any]:
    """The Context to make sockets in: a plain view of one for asyncio; pyzmq's global one where there is none."""
    if value is None:
        return zmq.Context.instance()
    if not isinstance(value, zmq.Context):
        raise TypeError(f"context must be a zmq.Context, not {_shown(value)}")
    if value.closed:
        raise ValueError("context is terminated: no socket can be made in it")
    return zmq.Context(value) if isinstance(value, zmq.asyncio.Context) else value


def instance(name: str, value: Any, kind: type) -> Any:
    """An object of that type, or None."""
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, not {_shown(value)}")
    return value


def same_process(what: str, made_in: int) -> None:
    """Raises RuntimeError in a forked child: libzmq's threads, which move the messages, stayed in the parent."""
    if os.getpid() != made_in:
        raise RuntimeError(
            f"this {what} was made in process {made_in}, and this is process {os.getpid()}, a fork of it: libzmq's "
            f"threads, which move the messages, are not in a fork. Make the {what} in the process that uses it"
        )


def one_frame(value: Any) -> bytes:
    """The bytes of a frame: a copy, where they could be changed later. Everything that has a buffer will do."""
    if type(value) is bytes:
        return value
    if isinstance(value, str):
        raise TypeError(f"a frame must be bytes, not the text {_shown(value)}: encode it, as in text.encode()")
    try:
        return bytes(memoryview(value))
    except (TypeError, ValueError):
        raise TypeError(
            f"a frame must be bytes, or have a buffer of bytes, not {_shown(value)}: "
            "make bytes of it, as in json.dumps(value).encode()"
        ) from None


def frames(values: Iterable[Any]) -> list[bytes]:
    """The frames of a body, in their order; one empty frame where there is none."""
    return [one_frame(value) for value in values] or [b""]


def body(value: Any) -> list[bytes]:
    """A body that is given as one object: bytes-like for one frame, or an iterable of frames."""
    if isinstance(value, str | Mapping | Set) or not isinstance(value, Iterable):
        return [one_frame(value)]  # says what is wrong with it
    try:
        buffer = memoryview(value)  # type: ignore[arg-type]  # whether it has one is the question
    except TypeError:
        return frames(value)
    return [bytes(buffer)]


def bodies(value: Any) -> Iterable[Any]:
    """Many bodies; a single one in its place would be taken to pieces."""
    if isinstance(value, str | BytesLike | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"bodies must be an iterable of bodies, not {_shown(value)}: put a single one into a list")
    return value


def _shown(value: Any) -> str:
    """The value, cut where it is long; its type alone where it cannot be shown."""
    try:
        text = repr(value)
    except Exception:
        text = f"something of the type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"
