"""What happens in a graded run, and when: the same for every broker. In order, however slow the machine is."""

from __future__ import annotations

from typing import NamedTuple

from .work import HANG, Request

CLIENTS = ("alice", "bob")
WORKERS = ("ann", "ben", "cem", "dan", "ema")
EACH = 30  # requests of each client
ASKED = tuple(Request(client, number) for number in range(EACH) for client in CLIENTS)
PACE = 10  # requests in a broker's patience
SOON = 0.5  # of the time between two requests


class Fault(NamedTuple):
    """`action` is one of the lab's: on the actor `one` or, with `other`, on the link of the two."""

    action: str
    one: str
    other: str = ""

    def __str__(self) -> str:
        where = f"link {self.one} ↔ {self.other}" if self.other else self.one
        return f"{where} {WORDS[self.action]}"


WORDS = {"crash": "killed", "restart": "started again", "reset": "reset", "cut": "silent", "heal": "healed"}

FAULTS = {
    Request("alice", 6): (Fault("crash", "broker"), Fault("restart", "broker")),  # a worker has a slow one in hand
    Request("bob", 9): (Fault("reset", "bob", "broker"),),  # and this one is slow, too
    Request("alice", 14): (Fault("cut", "cem", "broker"),),
}
"""Soon after this request was asked. What alice asks later, she asks once: her connection is not broken any more."""


class Step(NamedTuple):
    """After so many times the broker's patience, and not before the step before it is done."""

    after: float
    do: Request | Fault


def script() -> list[Step]:
    steps = []
    for place, request in enumerate(ASKED):
        after = place / PACE
        steps.append(Step(after, request))
        for fault in FAULTS.get(request, ()):
            steps.append(Step(after + SOON / PACE, fault))
            if fault.action == "cut":
                steps.append(Step(after + HANG, fault._replace(action="heal")))
    return sorted(steps, key=lambda step: step.after)
