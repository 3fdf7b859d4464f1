"""Which lanes belong together: those of one process, and among many those whose names differ in a number alone.

A reader can collapse each such group into one lane.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

MANY = 40  # lanes, or processes, from which on those of like names are groups
ALIKE = 3  # that are a group at least
_AGAIN = re.compile(r" \d+$")  # what tells apart those of the same name
_NUMBER = re.compile(r"\d+")


class Group(NamedTuple):
    """Lanes that follow one another. It has all lanes of another group, or none."""

    name: str
    lanes: list[str]


def groups(lanes: list[str], processes: Iterable[str]) -> list[Group]:
    """The groups of these lanes, each before those within it. `processes` are the lanes of main threads, where there
    are several; those of their other threads are called ``process/thread``."""
    known = set(processes)
    found = _gathered(lanes, lambda lane: _process(lane, known))
    inner = [group for process in found for group in (process, *_alike(process.lanes, str, f"{process.name}/"))]
    tops = {lane: group.name for group in found for lane in group.lanes}
    return [*_alike(lanes, lambda lane: tops.get(lane, lane)), *inner]


def collapsed(lanes: list[str], found: list[Group], most: int) -> dict[str, str]:
    """What each lane is called in a drawing with room for so many: where there are more, those of a group are one."""
    names = {lane: lane for lane in lanes}
    for group in reversed(found) if len(lanes) > most else ():  # the outer ones count
        names |= dict.fromkeys(group.lanes, f"{group.name} ({len(group.lanes):,})")
    return names


def in_order(lanes: list[str], found: list[Group]) -> list[str]:
    """The lanes, those of a group one after the other where its first one stands."""
    first = {lane: n for n, lane in enumerate(lanes)}
    paths: dict[str, list[int]] = {lane: [] for lane in lanes}
    for group in found:
        begins = min(first[lane] for lane in group.lanes)
        for lane in group.lanes:
            paths[lane].append(begins)
    return sorted(lanes, key=lambda lane: (*paths[lane], first[lane]))


def _process(lane: str, known: set[str]) -> str:
    """The process of a lane, "" where it is not known."""
    name = lane.partition("/")[0]
    return name if name in known else ""


def _alike(lanes: list[str], unit: Callable[[str], str], process: str = "") -> list[Group]:
    """Lanes of like names, where there are many. `unit` is what a lane is a part of, and whose name counts, but for
    what it has of its process."""
    if len({unit(lane) for lane in lanes}) <= MANY:
        return []

    def family(lane: str) -> str:
        own = _NUMBER.sub("*", _AGAIN.sub("", unit(lane).removeprefix(process)))
        return process + (own if "*" in own else f"{own} *")

    families = _gathered(lanes, family)
    return [family for family in families if len({unit(lane) for lane in family.lanes}) >= ALIKE]


def _gathered(lanes: list[str], name: Callable[[str], str]) -> list[Group]:
    """Those of two lanes and more; a lane whose name is "" belongs to none."""
    found: dict[str, list[str]] = {}
    for lane in lanes:
        if called := name(lane):
            found.setdefault(called, []).append(lane)
    return [Group(called, some) for called, some in found.items() if len(some) > 1]
