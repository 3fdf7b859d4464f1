"""What is said of a message in every picture: what stands on it, and how it stands with it."""

from __future__ import annotations

from ..trace.model import Message
from ..trace.reading import Reading
from .naming import is_automatic, text_of

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
}
"""For each `Message.place`; `js/words.js` says the same."""

STATES = ("not yet started", "started", "hung", "ended", "failed", "crashed", "stopped", "abandoned")
"""What an actor can be: the words of the API, and one for what comes before; `js/words.js` says the same."""

BROKEN = ("failed", "crashed")  # states of an actor that came to a bad end: its lane is marked
BADLY = ("dropped", "lost", "unsent")  # places of messages that ended, and that nobody received
TOLD = (*BADLY, "outside")  # places that are said beside the label where the way of a message breaks off
ON_AN_ARROW = 14  # letters
MOST = 40  # letters of a payload that any picture shows


def label(message: Message, reading: Reading) -> str:
    """A few words in one line: what a person wants to stand on a message, or its last frame that is text, or its size.

    A picture shows as much of it as it has room for (see `shorten`).
    """
    said = reading.label(message) if reading else None
    if said is not None:
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(said.split()))
    frames, sizes = message.first_seen
    if frames is None:
        return "encrypted"
    if not frames:
        return "empty"
    for place in range(len(frames) - 1, -1, -1):
        frame = frames[place]
        if not frame or is_automatic(frame):
            continue
        text = text_of(frame, sizes[place] if sizes else len(frame))
        line = " ".join(text.split()) if text else ""
        if line:
            return line if len(line) <= MOST else shorten(line, MOST)
    size = sizes[-1] if sizes else len(frames[-1])
    return f"{size:,} bytes" if size else "empty"


def shorten(text: str, most: int) -> str:
    """The text, or its beginning where it has more than `most` letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def at_the_end(label: str, message: Message) -> str:
    """What stands where the way of a message breaks off: its label, and what became of it."""
    place = message.place
    return f"{label} {STANDING[place]}".lstrip() if place in TOLD else label
