"""Lesson 01: ROUTER is the counter of a repair shop, which pins a tag to what it takes in."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, INK, ORANGE, SOFT, Sheet

ALT = (
    "The same way twice. Above, a repair shop: a customer puts shoes on the counter; the counter pins a tag to them "
    "and hands them to the cobbler; the cobbler gives back the mended shoes with the tag still on; the counter takes "
    "the tag off, and the customer gets the mended shoes. Below, ZeroMQ: Alice's DEALER sends one frame, Task-0; "
    "ROUTER puts one more frame in front of it for the server's program; the program sends back two frames, that one "
    "and done: Task-0; ROUTER takes the first frame off, and Alice receives one frame."
)

Frames = list[str | tuple[str, str]]

OUTSIDE, INSIDE = (168, 294), (436, 612)
"""From x to x: between customer and counter, and between counter and cobbler."""


def draw() -> Sheet:
    sheet = Sheet(760, 400)
    sheet.text((20, 24), "A repair shop", SOFT, anchor="start", bold=True)
    sheet.person((95, 92))
    sheet.text((95, 132), "a customer", BLUE)
    sheet.box(300, 60, 130, 90, "the counter", colour=ORANGE)
    sheet.box(618, 60, 124, 90, "the cobbler", colour=INK)
    _there_and_back(sheet, 60, "tag", "shoes", "mended shoes")
    sheet.line((20, 196), (740, 196))
    sheet.text((20, 220), "A ZeroMQ server", SOFT, anchor="start", bold=True)
    sheet.box(30, 262, 130, 90, "alice", "DEALER", colour=BLUE)
    sheet.box(300, 262, 130, 90, "ROUTER", "a socket", colour=ORANGE)
    sheet.box(618, 262, 124, 90, "server", "your program", colour=INK)
    _there_and_back(sheet, 262, "?", "Task-0", "done: Task-0")
    return sheet


def _there_and_back(sheet: Sheet, y: float, tag: str, task: str, done: str) -> None:
    """What passes on both sides of the counter."""
    _pass(sheet, OUTSIDE, y, [task], [done])
    _pass(sheet, INSIDE, y, [(tag, ORANGE), task], [(tag, ORANGE), done])


def _pass(sheet: Sheet, way: tuple[float, float], y: float, there: Frames, back: Frames) -> None:
    left, right = way
    sheet.arrow((left, y + 22), (right, y + 22))
    sheet.arrow((right, y + 68), (left, y + 68))
    for high, frames in ((y - 12, there), (y + 76, back)):
        wide = Sheet(760, 400).frames(0, 100, frames).w
        sheet.frames((left + right - wide) / 2, high, frames)
