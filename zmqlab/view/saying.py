"""What is said of a message in every picture: what stands on it, and how it stands with it."""

from __future__ import annotations

from ..trace.events import Frames
from ..trace.model import AWAY, OUTSIDE, Message
from ..trace.trace import Trace
from .naming import is_automatic, text_of
from .payloads import hex_and_size, kind_of

STANDING = {
    "received": "received",
    "passed": "passed on",
    "in": "waits unread",
    "wire": "on the wire",
    "out": "waits to be sent",
    "dropped": "dropped",
    "lost": "lost",
    "unsent": "not sent",
    "outside": "left the lab",
    "unseen": "out of sight",
}
"""For each `Message.place`; `js/words.js` says the same."""

LEFT_THE_PROGRAM = "left the program"  # in place of leaving the lab, where there is none

STATES = ("not yet started", "started", "hung", "ended", "failed", "crashed", "stopped", "abandoned")
"""What an actor can be: the words of the API, and one for what comes before; `js/words.js` says the same."""

BROKEN = ("failed", "crashed")  # states of an actor that came to a bad end: its lane is marked
BADLY = ("dropped", "lost", "unsent")  # places of messages that ended, and that nobody received
TOLD = (*BADLY, *AWAY)  # places that are said beside the label where the way of a message breaks off
ON_AN_ARROW = 14  # letters
MOST = 40  # letters of a payload that any picture shows


def label(message: Message, trace: Trace) -> str:
    """A few words in one line: what a person wants to stand on a message, or its last frame that is text, or what kind
    its last one is, or its first bytes, and how long it is. Routing ids say nothing of a message: they are no label.

    A picture shows as much of it as it has room for (see `shorten`).
    """
    said = trace.reading.label(message) if trace.reading else None
    if said is not None:
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(said.split()))
    frames, sizes = message.first_seen
    if frames is None:
        return "encrypted"
    own = _own(message, frames, trace)
    for place in reversed(own):
        text = text_of(frames[place], sizes[place] if sizes else len(frames[place]))
        line = " ".join(text.split()) if text else ""
        if line:
            return line if len(line) <= MOST else shorten(line, MOST)
    filled = [place for place in own if frames[place]]
    if not filled:
        return "empty"
    last = filled[-1]
    size = sizes[last] if sizes else len(frames[last])
    kind = kind_of(frames[last], size)
    return f"{kind} {size:,} B" if kind else hex_and_size(frames[last], size, ON_AN_ARROW)


def _own(message: Message, frames: Frames, trace: Trace) -> list[int]:
    """The places of the frames that are its own: of an envelope, which a ROUTER or a broker has put before them, none
    is, nor is a routing id that somebody has set."""
    seen_at = message.sender if message.sent_frames is not None else message.receiver
    end = trace.sockets.get(seen_at) if message.wire_frames is not frames else None
    first = 1 if end is not None and end.type == "ROUTER" else 0
    delimiter = next((place for place in range(first, len(frames)) if not frames[place]), len(frames))
    if any(frame.strip() for frame in frames[delimiter + 1 :]):
        first = delimiter + 1
    last = max((place for place, frame in enumerate(frames) if frame), default=-1)
    ids = trace.routing_ids
    return [
        place
        for place in range(first, len(frames))
        if not (place != last and (frames[place] in ids or is_automatic(frames[place])))
    ]


def shorten(text: str, most: int) -> str:
    """The text, or its beginning where it has more than `most` letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def standing(place: str, trace: Trace) -> str:
    """How it stands with a message at this place, in a word or two."""
    return LEFT_THE_PROGRAM if place == OUTSIDE and trace.is_program else STANDING[place]


def at_the_end(label: str, message: Message, trace: Trace) -> str:
    """What stands where the way of a message breaks off: its label, and what became of it."""
    place = message.place
    return f"{label} {standing(place, trace)}".lstrip() if place in TOLD else label
