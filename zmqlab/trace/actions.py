"""What can be done to a lab, to its links and to its actors: one table for the API, the buttons and the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from .events import Setting

LONGEST = 60.0  # seconds: no latency is longer

Target: TypeAlias = Literal["links", "link", "message", "actor"]
"""The link of two actors, or all links; the link of two actors alone; a message that is held; an actor."""


class Action(NamedTuple):
    name: str
    target: Target
    words: str = ""  # what each actor's lane says then; `peer` is the other actor
    change: Callable[[Setting, float], Setting] | None = None  # what becomes of a link; the number is `value`

    def check(self, value: float, one: str, other: str) -> None:
        """Can it be done so? Raises ValueError. `value` is a latency in seconds, `one` and `other` are two actors."""
        if not 0 <= value <= LONGEST:
            raise ValueError(f"a latency is given in seconds, from 0 to {LONGEST:g}, not {value!r}")
        if self.target == "link" and not (one and other):
            raise ValueError(f"{self.name} is done to the link of two actors: name both")


_TABLE = (
    Action("hold", "links", change=lambda setting, _: setting._replace(hold=True)),
    Action("release", "links", change=lambda setting, _: setting._replace(hold=False)),
    Action("latency", "links", change=lambda setting, seconds: setting._replace(latency=seconds)),
    Action("cut", "link", "cut off from {peer}", lambda setting, _: setting._replace(cut=True)),
    Action("heal", "link", "healed: {peer}", lambda setting, _: setting._replace(cut=False)),
    Action("reset", "link", "connection reset: {peer}"),
    Action("step", "message"),
    Action("crash", "actor", "crashed"),
    Action("hang", "actor", "hung"),
    Action("resume", "actor", "resumed"),
    Action("restart", "actor", "restarted"),
)
ACTIONS = {action.name: action for action in _TABLE}


def action_of(name: str) -> Action:
    """Raises ValueError for one that is not in the table."""
    try:
        return ACTIONS[name]
    except KeyError:
        raise ValueError(f"there is no action {name!r}; there are {', '.join(ACTIONS)}") from None


@dataclass(slots=True)
class Settings:
    """How a lab is steered now. `links` has the settings that differ from the lab's, by the two actors, sorted."""

    everywhere: Setting = field(default_factory=Setting)
    links: dict[tuple[str, str], Setting] = field(default_factory=dict)

    def of(self, one: str, other: str) -> Setting:
        """What holds for the connections between two actors."""
        return self.links.get(pair(one, other), self.everywhere)

    def apply(self, action: Action, value: float, one: str, other: str) -> None:
        """Carry out an action on the link of two actors or, with "" for both, on all. What is said of all holds for
        every link, whatever was said of that link before."""
        change = action.change
        if change is None:
            return
        if other:
            self.links[pair(one, other)] = change(self.of(one, other), value)
        else:
            self.everywhere = change(self.everywhere, value)
            self.links = {ends: change(setting, value) for ends, setting in self.links.items()}
        self.links = {ends: setting for ends, setting in self.links.items() if setting != self.everywhere}


def pair(one: str, other: str) -> tuple[str, str]:
    """The two ends of a link, in either order."""
    return (one, other) if one <= other else (other, one)
