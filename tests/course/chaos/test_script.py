"""The script of the run is one for all, and what it must keep to so that its verdict is certain."""

from __future__ import annotations

from zmqlab.course.chaos.script import ASKED, CLIENTS, FAULTS, WORKERS, Fault, script
from zmqlab.course.chaos.work import TROUBLES, Request

STEPS = script()


def place(do: Request | Fault) -> int:
    return [step.do for step in STEPS].index(do)


def test_everything_is_asked_once_and_two_clients_use_the_same_numbers() -> None:
    asked = [step.do for step in STEPS if isinstance(step.do, Request)]
    assert asked == list(ASKED)
    assert len(asked) == len(set(asked)) == 60
    assert {request.client for request in asked} == set(CLIENTS)
    assert set(TROUBLES) | set(FAULTS) <= set(asked)
    assert sorted(STEPS, key=lambda step: step.after) == STEPS


def test_who_is_to_crash_a_worker_is_asked_for_once() -> None:
    """Else its client's second asking would save it, and no broker would lose it."""
    breaks = {
        client: max(place(f) for faults in FAULTS.values() for f in faults if _breaks(f, client)) for client in CLIENTS
    }
    deadly = [request for request, trouble in TROUBLES.items() if trouble in ("crash", "hang")]
    assert deadly
    assert all(place(request) > breaks[request.client] for request in deadly)


def _breaks(fault: Fault, client: str) -> bool:
    return fault.action in ("crash", "restart", "reset") and fault.one in ("broker", client)


def test_one_worker_is_left() -> None:
    struck = [t for t in TROUBLES.values() if t in ("crash", "hang")]
    cut = {fault.one for faults in FAULTS.values() for fault in faults if fault.action == "cut"}
    assert len(struck) + len(cut) < len(WORKERS)


def test_what_is_silenced_is_healed_and_who_is_killed_is_started_again() -> None:
    faults = [step.do for step in STEPS if isinstance(step.do, Fault)]
    assert [str(fault) for fault in faults] == [
        "broker killed",
        "broker started again",
        "link bob ↔ broker reset",
        "link cem ↔ broker silent",
        "link cem ↔ broker healed",
    ]
