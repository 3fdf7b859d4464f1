"""Names for sockets, routing ids and bytes that are the same in every run of the same program."""

from __future__ import annotations

from collections import Counter, defaultdict
from unicodedata import category

from ..trace.events import Frames, Sizes
from ..trace.trace import Trace

LONGEST = 48  # characters of a payload that are shown


def is_automatic(frame: bytes) -> bool:
    """Does it look like a routing id that ROUTER made up (a zero byte and a 4-byte counter)?"""
    return len(frame) == 5 and frame[0] == 0


def payload(frame: bytes, size: int | None = None) -> str:
    """A frame in one line: ``"text"`` where it is printable, hex where it is not, and what was left out."""
    if not frame:
        return "(empty)"
    size = len(frame) if size is None else size
    text = text_of(frame, size)
    if text is not None:
        text = text.replace("\n", "⏎").replace("\t", "⇥")
        shown = f'"{text}"' if len(text) <= LONGEST else f'"{text[:LONGEST]}…"'
        return shown if len(text) <= LONGEST and size == len(frame) else f"{shown} ({size:,} bytes)"
    part = frame[: LONGEST // 3]
    return part.hex(" ") if len(part) == size else f"{part.hex(' ')} … ({size:,} bytes)"


def text_of(frame: bytes, size: int) -> str | None:
    """The frame as text, or None where it is not printable UTF-8; `size` is how long it was before it was clipped.

    `textOf` in `js/frames.js` says the same.
    """
    try:
        text = frame.decode()
    except UnicodeDecodeError as error:
        if size == len(frame) or error.start < len(frame) - 3:
            return None
        text = frame[: error.start].decode()  # the recording was clipped within a character
    if text.isprintable() or not any(letter not in "\n\t" and category(letter)[0] == "C" for letter in text):
        return text
    return None


class Names:
    """What to call the sockets and routing ids of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._sockets: dict[str, str] = {}
        self._actors: dict[str, str] = {}
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for socket in trace.sockets.values():
            groups[socket.actor, socket.type].append(socket.id)
            self._actors[socket.id] = socket.actor
        for (actor, type), ids in groups.items():
            for n, id in enumerate(sorted(ids, key=_number), 1):
                self._sockets[id] = f"{actor} {type}" if len(ids) == 1 else f"{actor} {type} {n}"
        several = {actor for actor, count in Counter(self._actors.values()).items() if count > 1}
        owners: dict[bytes, set[str]] = defaultdict(set)
        for message in trace.messages.values():
            sender = self._sockets.get(message.sender)
            frames = message.received_frames
            if sender is None or not frames or trace.sockets.get(message.receiver) is None:
                continue
            if trace.sockets[message.receiver].type == "ROUTER" and is_automatic(frames[0]):
                actor = self._actors[message.sender]
                owners[frames[0]].add(sender if actor in several else actor)
        # Each process counts from the same number: one id may have been given to two.
        self._ids = {id: f"<id of {names.pop()}>" for id, names in owners.items() if len(names) == 1}

    def socket(self, id: str) -> str:
        """``alice DEALER``, with a number where alice has several DEALERs."""
        return self._sockets.get(id, "a peer outside")

    def actor(self, id: str) -> str:
        return self._actors.get(id, "a peer outside")

    def frames(self, frames: Frames, sizes: Sizes = None, router: bool = False) -> str:
        """Frames as `payload` shows them, automatic routing ids by the name of their owner.

        `router`: the program at this end holds a ROUTER, so its first frame is a routing id.
        """
        lengths = sizes if sizes is not None else [len(frame) for frame in frames]
        shown = [self._ids.get(frame) or payload(frame, size) for frame, size in zip(frames, lengths, strict=True)]
        if router and frames and is_automatic(frames[0]) and frames[0] not in self._ids:
            shown[0] = "<automatic id>"
        return " | ".join(shown)


def _number(id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in id.split(".") if part.isdigit())
