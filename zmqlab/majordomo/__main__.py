"""``python -m zmqlab.majordomo``: a broker, workers and calls from the terminal."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import logging
import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import zmq

from .broker import Broker
from .cache import ReplyCache
from .client import Client
from .core import State
from .errors import MajordomoError
from .executors import Handler
from .limits import Limits
from .log import log_to_stderr
from .security import CertificateError, Curve, make_certificate
from .wire import read_object
from .worker import Worker

UNFIT = 3  # exit code of a status that is not what it should be
ENDPOINT = "tcp://127.0.0.1:5555"

_log = logging.getLogger("zmqlab.majordomo")


def broker(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; then finish what was accepted, and end with 0. SIGHUP: read the keys again.

    Without keys a SIGHUP means that the terminal was closed, which ends it too; where there is none, it goes on.
    """
    curve = load_curve(options)
    limits = Limits(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Limits)})
    server = Broker(options.endpoint, options.backend, limits=limits, curve=curve)
    for endpoint in filter(None, (options.endpoint, options.backend)):
        if curve is None and is_wide(endpoint):
            _log.warning("%s can be reached from other hosts, by anybody: use --curve", endpoint)
    on_signals(server.drain)
    if hasattr(signal, "SIGHUP") and (curve or not sys.stdin.isatty()):
        signal.signal(signal.SIGHUP, lambda *_: reload_keys(server, options))
    print(json.dumps({"endpoint": server.endpoint, "backend": server.backend}), flush=True)
    server.run()
    return 0


def worker(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; then finish what was begun, and end with 0."""
    one = Worker(
        options.endpoint or ENDPOINT,
        options.service,
        load_handler(options.handler),
        capacity=options.capacity,
        deadline=options.deadline,
        busy_timeout=options.busy_timeout,
        cache=ReplyCache(options.cache) if options.cache else None,
        heartbeat=options.heartbeat,
        liveness=options.liveness,
        curve=load_curve(options),
    )
    on_signals(one.stop)
    one.run()
    return 0


def call(options: argparse.Namespace) -> int:
    """Send one request and print the frames of the reply, one a line."""
    with Client(options.endpoint or ENDPOINT, timeout=options.timeout, curve=load_curve(options)) as client:
        frames = client.call(options.service, *map(os.fsencode, options.frames))  # any bytes but a zero
    sys.stdout.buffer.writelines(frame + b"\n" for frame in frames)
    return 0


def status(options: argparse.Namespace) -> int:
    """Print what the broker says of itself, as JSON. For health checks: 0 when it serves, and each service that is
    needed has a worker; 1 when no broker of ours answers; 3 when it shuts down, or lacks a worker."""
    with Client(options.endpoint, timeout=options.timeout, curve=load_curve(options)) as client:
        known = read_object(client.call("mmi.status")[0])
    if known is None:
        print(f"the broker at {options.endpoint} is not ours: it has no mmi.status", file=sys.stderr)
        return 1
    print(json.dumps(known, indent=2))
    faults = [f"the broker is {known['state']}"] * (known["state"] != State.SERVING.value)
    services = known["services"]
    faults += [f"no worker offers {name!r}" for name in options.needs if not services.get(name, {}).get("workers")]
    for fault in faults:
        print(fault, file=sys.stderr)
    return UNFIT if faults else 0


def metrics(options: argparse.Namespace) -> int:
    """Answer scrapes of Prometheus with what the broker says of itself, until SIGTERM or Ctrl-C."""
    from .metrics import serve

    end = threading.Event()
    on_signals(end.set)
    with Client(options.endpoint, timeout=options.timeout, curve=load_curve(options)) as client:
        port, stop = serve(lambda: client.call("mmi.status")[0], options.port, options.host)
        print(json.dumps({"metrics": f"http://{options.host}:{port}/metrics"}), flush=True)
        end.wait()
        stop()
    return 0


def keygen(options: argparse.Namespace) -> int:
    """Write a pair of certificate files for --curve and --trust."""
    for path in make_certificate(options.folder, options.name):
        print(path)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, 1 where a request ended in an error, 2 for a wrong use, 3 for a
    status that is not what it should be."""
    options = parser().parse_args(argv)
    log_to_stderr(options.verbose)
    try:
        command: Callable[[argparse.Namespace], int] = options.run
        code = command(options)
        sys.stdout.flush()  # here, where it may fail
        return code
    except MajordomoError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # while a call waits: a broker and a worker have their own way to end
        return 130
    except BrokenPipeError:  # who read what we print has enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, zmq.ZMQError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)  # a wrong argument, an endpoint or port in use, a missing extra: it is named
        return 2


# -- the parts ---------------------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m zmqlab.majordomo", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    more = "log more, as JSON lines on standard error; -vv: all"

    def command(run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        one = commands.add_parser(run.__name__, help=(run.__doc__ or "").split(". ")[0], description=run.__doc__)
        one.set_defaults(run=run)
        one.add_argument("-v", "--verbose", action="count", default=0, help=more)
        return one

    _of_a_broker(command(broker))
    _of_a_worker(command(worker))
    ask, health, scraped = command(call), command(status), command(metrics)
    _connects(ask, several=True)
    ask.add_argument("service")
    ask.add_argument("frames", nargs="*", help="the frames of the request, as text")
    _connects(health)
    health.add_argument(
        "--needs", action="append", default=[], metavar="SERVICE", help="it must have a worker; may be given again"
    )
    _connects(scraped)
    scraped.add_argument("--port", type=int, default=9464, help="of HTTP (default: 9464)")
    scraped.add_argument("--host", default="127.0.0.1", help="who may scrape (default: this host alone)")
    for one, longest in ((ask, 10.0), (health, 10.0), (scraped, 5.0)):  # Prometheus waits 10 s for a scrape
        one.add_argument("--timeout", type=float, default=longest, help=f"seconds (default: {longest:g})")

    keys = command(keygen)
    keys.add_argument("name")
    keys.add_argument("--folder", type=Path, default=Path())
    return top


def _connects(one: argparse.ArgumentParser, *, several: bool = False) -> None:
    """The options of a command that has an endpoint, or one after another, and may have keys."""
    if several:
        more = f"of the broker (default: {ENDPOINT}); given again, of the next one, for when that is silent"
        one.add_argument("--endpoint", action="append", help=more)
    else:
        one.add_argument("--endpoint", default=ENDPOINT, help=f"of the broker (default: {ENDPOINT})")
    one.add_argument("--curve", type=Path, metavar="FILE", help="own secret certificate: encrypt")
    one.add_argument(
        "--trust",
        type=Path,
        metavar="PATH",
        help="public certificate of the broker; for the broker: the folder with those of all who may come, "
        "and in its folders 'clients' and 'workers' those who may come in this role alone",
    )


def _of_a_broker(serve: argparse.ArgumentParser) -> None:
    _connects(serve)
    serve.epilog = "inf, as a COUNT or SECONDS, stands for no limit."
    serve.add_argument("--backend", help="a second endpoint, for workers alone")
    for field in dataclasses.fields(Limits):
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(field.default, int):
            serve.add_argument(option, type=count, default=field.default, metavar="COUNT")
        else:
            serve.add_argument(option, type=float, default=field.default, metavar="SECONDS")


def _of_a_worker(work: argparse.ArgumentParser) -> None:
    _connects(work, several=True)
    work.add_argument("service")
    work.add_argument("handler", help="module:function, found in the current directory or installed")
    work.add_argument("--capacity", type=int, default=1, help="requests at the same time (default: 1)")
    work.add_argument("--deadline", type=float, help="seconds after which a handler counts as hung")
    work.add_argument("--busy-timeout", type=float, help="seconds it may take, in place of the broker's --busy-timeout")
    work.add_argument("--cache", type=count, default=0, metavar="COUNT", help="replies kept for repeated requests")
    work.add_argument("--heartbeat", type=float, default=Limits.heartbeat, help="for a broker that tells none")
    work.add_argument("--liveness", type=count, default=Limits.liveness, help="for a broker that tells none")


def count(text: str) -> float:
    """A whole number, or ``inf``."""
    return math.inf if text == "inf" else int(text)


class HandlerError(ValueError):
    """``module:function`` names no handler."""


def load_handler(name: str) -> Handler:
    """The function that ``module:function`` names."""
    module_name, _, function_name = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        handler = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise HandlerError(f"{name!r} is not module:function: {error}") from error
    if not callable(handler):
        raise HandlerError(f"{name!r} cannot be called")
    found: Handler = handler
    return found


def load_curve(options: argparse.Namespace) -> Curve | None:
    if options.curve is None and options.trust is None:
        return None
    if options.curve is None or options.trust is None:
        raise CertificateError("--curve and --trust belong together")
    return Curve.load(options.curve, options.trust)


def reload_keys(server: Broker, options: argparse.Namespace) -> None:
    """Read the certificates again. What is wrong with them is told, and the broker goes on with those it has."""
    try:
        curve = load_curve(options)
        if curve is None:
            _log.warning("there are no keys to be read again: the broker has no --curve")
            return
        server.change_keys(curve)
    except ValueError as error:
        _log.warning("the keys stay as they are: %s", error)


def is_wide(endpoint: str) -> bool:
    """Whether an endpoint to bind can be reached from other hosts."""
    transport, _, address = endpoint.partition("://")
    host = address.rpartition(":")[0].strip("[]")
    return transport == "tcp" and not (host.startswith("127.") or host in ("localhost", "lo", "::1"))


def on_signals(end: Callable[[], None]) -> None:
    """SIGTERM, Ctrl-C and a terminal that is closed (SIGHUP) call `end`, which returns at once."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), lambda *_: end())


if __name__ == "__main__":
    sys.exit(main())
