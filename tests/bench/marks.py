"""What a measurement has to reach. CI shares its cores with others, and asks for a part of it."""

from __future__ import annotations

from typing import NamedTuple

_enough = 1.0


class Verdict(NamedTuple):
    """Of one figure: the share of its mark that it reaches, and whether that is enough."""

    share: float
    good: bool

    def __bool__(self) -> bool:
        return self.good

    def __str__(self) -> str:
        if self.share >= 1:
            return "reached"
        return f"MISSED ({self.share:.2f} of it{f', {_enough} is enough here' if self.good else ''})"


def ask_for(share: float) -> None:
    """From now on a figure is good when it reaches that share of its mark; 1 at first."""
    global _enough
    _enough = share


def at_least(figure: float, mark: float) -> Verdict:
    return _judge(figure / mark if mark else float("inf"))


def at_most(figure: float, mark: float) -> Verdict:
    return _judge(mark / figure if figure else float("inf"))


def _judge(share: float) -> Verdict:
    return Verdict(share, share >= _enough)
