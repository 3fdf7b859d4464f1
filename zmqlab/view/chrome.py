"""A trace in the format of Chrome's trace viewer, which https://ui.perfetto.dev opens and other tracers write too.

A lane is a thread of its process. What an actor has in hand is a slice, a message is two short slices, its send and its
receive, with an arrow between them, and what waits unread at a socket is a counter. Times are those of the monotonic
clock in µs, as other tracers of the same machine have them, so two such files can be shown as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from ..trace import whole
from ..trace.model import Message
from ..trace.trace import Trace
from .naming import Names, payload
from .saying import label, standing

Record: TypeAlias = dict[str, Any]
INSTANT = 1.0  # µs that a slice lasts at least: an arrow wants a slice to begin and to end in
FRAMES = 16  # frames that are told of a message
CATEGORY = "zmq"


def to_chrome(trace: Trace, path: Path, title: str = "trace") -> None:
    """Write it, message by message."""
    trace.update()
    with whole.draft(path) as draft, open(draft, "w", encoding="utf-8", newline="\n") as file:
        file.write('{"displayTimeUnit": "ms", "otherData": ' + json.dumps({"title": title}) + ', "traceEvents": [\n')
        for n, record in enumerate(_records(trace)):
            file.write((",\n" if n else "") + json.dumps(record))
        file.write("\n]}\n")


def _records(trace: Trace) -> Iterator[Record]:
    lanes = _lanes(trace)
    for name, (process, lane) in lanes.items():
        program, _, thread = name.partition("/")
        yield {"ph": "M", "name": "process_name", "pid": process, "tid": lane, "args": {"name": program}}
        yield {"ph": "M", "name": "thread_name", "pid": process, "tid": lane, "args": {"name": thread or name}}
    for work in trace.work:
        if work.end is not None and work.actor in lanes:
            yield _slice("in hand", lanes[work.actor], work.start, work.end, {})
    for mark in trace.marks:
        if mark.actor in lanes:
            process, lane = lanes[mark.actor]
            yield {"ph": "i", "s": "t", "name": mark.text, "pid": process, "tid": lane, "ts": mark.time / 1e3}
    names = Names(trace)
    for message in trace.messages.values():
        yield from _message(message, trace, lanes, names)
    yield from _unread(trace, lanes, names)


def _message(message: Message, trace: Trace, lanes: dict[str, tuple[int, int]], names: Names) -> Iterator[Record]:
    said = label(message, trace)
    source = lanes.get(message.sent_by or trace.actor_of(message.sender))
    target = lanes.get(message.received_by or trace.actor_of(message.receiver))
    if message.sent is not None and source is not None:
        end = standing(message.place, trace) + (f": {message.reason}" if message.reason else "")
        told = {"socket": names.socket(message.sender), **_frames(message), "end": end}
        yield _slice(f"send {said}", source, message.sent, message.returned, told)
    if message.received is not None and target is not None:
        told = {"socket": names.socket(message.receiver), **_frames(message)}
        yield _slice(f"receive {said}", target, message.received, None, told)
        if message.sent is not None and source is not None:
            yield _arrow("s", source, message.sent, message.id)
            yield {**_arrow("f", target, message.received, message.id), "bp": "e"}


def _frames(message: Message) -> Record:
    frames, sizes = message.first_seen
    shown = [payload(frame, sizes[n] if sizes else None) for n, frame in enumerate((frames or ())[:FRAMES])]
    times = {key: round(at / 1e3, 3) for key in ("left", "arrived") if (at := getattr(message, key)) is not None}
    return {"frames": shown, **{f"{key} µs": at for key, at in times.items()}}


def _slice(name: str, lane: tuple[int, int], start: int, end: int | None, told: Record) -> Record:
    """`end`: at once, where it is not known."""
    long = max(INSTANT, ((start if end is None else end) - start) / 1e3)
    slice = {"ph": "X", "cat": CATEGORY, "name": name, "pid": lane[0], "tid": lane[1], "ts": start / 1e3, "dur": long}
    return {**slice, "args": told} if told else slice


def _arrow(phase: str, lane: tuple[int, int], time: int, id: int) -> Record:
    return {"ph": phase, "cat": CATEGORY, "name": "message", "id": id, "pid": lane[0], "tid": lane[1], "ts": time / 1e3}


def _unread(trace: Trace, lanes: dict[str, tuple[int, int]], names: Names) -> Iterator[Record]:
    """What waits at each socket, whenever it changes."""
    steps: list[tuple[int, int, str]] = []
    for message in trace.messages.values():
        if message.arrived is not None and message.receiver:
            steps.append((message.arrived, 1, message.receiver))
            if message.received is not None:
                steps.append((max(message.arrived, message.received), -1, message.receiver))
    depth: dict[str, int] = {}
    for time, step, socket in sorted(steps):
        depth[socket] = depth.get(socket, 0) + step
        lane = lanes.get(trace.actor_of(socket))
        if lane is not None:
            name = f"unread at {names.socket(socket)}"
            yield {"ph": "C", "name": name, "pid": lane[0], "ts": time / 1e3, "args": {"messages": depth[socket]}}


def _lanes(trace: Trace) -> dict[str, tuple[int, int]]:
    """Process id and number of each lane. Of one program's processes each has its own; a lab's actors share one."""
    sources = [source for source in trace.log.sources if source.name]
    pids = {source.name: source.pid for source in sources}
    first = sources[0].pid if sources else 1
    return {name: (pids.get(name.partition("/")[0], first), n) for n, name in enumerate(_drawn(trace), 1)}


def _drawn(trace: Trace) -> list[str]:
    return [name for name, actor in trace.actors.items() if not actor.idle]
