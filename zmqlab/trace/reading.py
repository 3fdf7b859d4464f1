"""How a person wants messages to be read: what stands on their arrows, and what each frame is for.

A view finds that out by itself as far as socket types and frames tell; who knows the protocol knows better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from .events import Frames
from .model import Message

LONGEST = 200  # characters kept of a label, and of a role
DECODED = 4_000  # characters kept of what `decode` says

Label: TypeAlias = Callable[[Message], "str | None"] | int
"""A function of the message, whose None means the usual label; or which frame it is, as an index: -1 is the last."""

Names: TypeAlias = Sequence[str] | Mapping[int, str]
"""The roles of the last frames in order (``["correlation id", "payload"]``), or roles by index, -1 the last."""

Roles: TypeAlias = Callable[[Message], "Names | None"] | Names

Decode: TypeAlias = Callable[[Frames], "str | None"]
"""A function of the frames as the sender gave them, each with the bytes that were recorded of it. It says in words what
is in them; None: nothing more than can be seen. Nobody else loads what is in a payload."""


class Reading:
    """The labels, roles and decoded payloads that a person gave; without any, everything is read as usual.

    Roles count from the last frame, because the first ones come and go: a ROUTER's program has a routing id in front
    that the wire has not. An error in the person's functions is kept in `trouble`, the first of each, and the message
    is read as usual.

    >>> Reading(roles=["correlation id", "payload"]).roles(Message(1))
    {-2: 'correlation id', -1: 'payload'}
    """

    def __init__(self, label: Label | None = None, roles: Roles | None = None, decode: Decode | None = None) -> None:
        if not (decode is None or callable(decode)):
            raise TypeError(f"decode: a function of the frames, not {decode!r}")
        if isinstance(label, bool) or not (label is None or callable(label) or isinstance(label, int)):
            raise TypeError(f"label: a function of the message, or the index of a frame, not {label!r}")
        self._label = label
        self._roles = roles if callable(roles) or roles is None else _by_place(roles)
        self._decode = decode
        self._given = any(each is not None for each in (label, roles, decode))
        self._troubles: dict[str, str] = {}

    def __bool__(self) -> bool:
        return self._given

    @property
    def trouble(self) -> list[str]:
        """What went wrong in the functions, in words."""
        return list(self._troubles.values())

    def label(self, message: Message) -> str | None:
        """What is to stand on this message; None: the usual."""
        try:
            return self._find_label(message)
        except Exception as error:
            self._note("label", message, error)
            return None

    def roles(self, message: Message) -> dict[int, str]:
        """Roles by index, negative ones counted from the last frame; frames that are not named keep their own."""
        roles = self._roles
        if not callable(roles):
            return roles or {}
        try:
            return _by_place(roles(message) or {})
        except Exception as error:
            self._note("roles", message, error)
            return {}

    def decoded(self, message: Message) -> str | None:
        """What is in the frames of this message, in words, or why that could not be said; None: there is nothing to
        say."""
        frames = message.frames
        if self._decode is None or not frames:
            return None
        try:
            text = self._decode(frames)
            if not (text is None or isinstance(text, str)):
                raise TypeError(f"it returned {text!r}, which is no text")
        except Exception as error:
            self._note("decode", message, error)
            return f"decode failed: {type(error).__name__}: {error}"[:500]
        return text and text[:DECODED]

    def _find_label(self, message: Message) -> str | None:
        if self._label is None:
            return None
        if not callable(self._label):
            frames = message.frames or ()
            inside = -len(frames) <= self._label < len(frames)
            return _words(frames[self._label]) if inside else None
        text = self._label(message)
        if not (text is None or isinstance(text, str)):
            raise TypeError(f"it returned {text!r}, which is no text")
        return text and text[:LONGEST]

    def _note(self, what: str, message: Message, error: Exception) -> None:
        self._troubles.setdefault(what, f"{what}: {type(error).__name__}: {error} (message #{message.id})"[:500])


def _by_place(names: Names) -> dict[int, str]:
    if isinstance(names, str) or not isinstance(names, Sequence | Mapping):
        raise TypeError(f"roles: a list of names, or names by index, not {names!r}")
    places = names if isinstance(names, Mapping) else {i - len(names): name for i, name in enumerate(names)}
    for place, name in places.items():
        if not (isinstance(place, int) and isinstance(name, str)):
            raise TypeError(f"roles: a name for an index, not {name!r} for {place!r}")
    return {place: name[:LONGEST] for place, name in places.items()}


def _words(frame: bytes) -> str:
    try:
        text = frame.decode()
    except UnicodeDecodeError:
        return frame.hex(" ")[:LONGEST]
    return text[:LONGEST] if text.isprintable() else frame.hex(" ")[:LONGEST]
