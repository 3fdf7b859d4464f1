"""The load of the benches alone, beside the full windows of lesson 12: requests at a rate, and while brokers die."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from zmqlab.course.side_by_side.load import WAIT, Caller


def percentile(latencies: Sequence[float], share: float) -> float:
    """Of latencies in seconds; in milliseconds."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


def at_rate(
    caller: Caller, rate: float, count: int, payloads: dict[str, bytes], chance: random.Random
) -> dict[str, list[float]]:
    """`count` requests at random moments, `rate` a second; each tenth is "long", the others are "short". The latencies
    of both, in seconds."""
    latencies: dict[str, list[float]] = {kind: [] for kind in payloads}
    since: dict[int, tuple[str, float]] = {}
    due = time.perf_counter()
    asked = 0
    while asked < count or since:
        now = time.perf_counter()
        while asked < count and due <= now:
            kind = "long" if chance.random() < 0.1 else "short"
            since[caller.ask(payloads[kind])] = kind, due
            due += chance.expovariate(rate)
            asked += 1
        for number in caller.drain(min(WAIT, due - now) if asked < count else WAIT):
            kind, then = since.pop(number)
            latencies[kind].append(time.perf_counter() - then)
    return latencies


@dataclass
class Survived:
    """What a client saw while the broker and the workers died; latencies in seconds."""

    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    lost: int = 0  # no answer in time
    twice: int = 0


def through_chaos(
    caller: Caller, window: int, count: int, payload: bytes, patience: float, half_time: Callable[[], None]
) -> Survived:
    """`count` requests; what has no answer after `patience` seconds counts as lost."""
    result = Survived()
    since: dict[int, float] = {}
    answered: set[int] = set()
    while result.sent < count or since:
        while result.sent < count and len(since) < window:
            since[caller.ask(payload)] = time.perf_counter()
            result.sent += 1
            if result.sent == count // 2:
                half_time()
        numbers = caller.drain(0.01)
        now = time.perf_counter()
        for number in numbers:
            result.twice += number in answered
            answered.add(number)
            if number in since:
                result.latencies.append(now - since.pop(number))
        for number in [number for number, then in since.items() if now - then > patience]:
            del since[number]
    result.lost = count - len(answered)
    return result
