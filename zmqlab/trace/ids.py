"""A routing id as people read it: in `repr` quotes where it is text, else in hex, as those that libzmq makes."""

from __future__ import annotations


def shown(routing_id: bytes) -> str:
    try:
        text = routing_id.decode()
    except UnicodeDecodeError:
        return routing_id.hex()
    return f"{text!r}" if text.isprintable() and text else routing_id.hex()
