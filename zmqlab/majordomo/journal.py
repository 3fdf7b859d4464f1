"""What the broker tells its log: each worker that comes or goes, and the first of all that comes in floods."""

from __future__ import annotations

import logging
from collections import Counter

from .counts import Counts
from .errors import Status
from .jobs import Job, Worker
from .wire import Header, Ready

INTERVAL = 10.0  # seconds; what goes on is told so often, with its number
MOST_TOLD = 100  # different reasons for which workers were refused that are told, and as many keys
LONGEST_TEXT = 300  # characters of what others say

_log = logging.getLogger("zmqlab.majordomo.broker")


class Journal:
    """Whoever reads the log learns of each thing once, when it begins, and from then on how often it was.

    `tells_all`: the log wants each step of each request, too.

    A record carries its `facts`: services as text, routing ids and ids of requests in hexadecimal digits, as the logs
    of our worker and our client have them.
    """

    def __init__(self, counts: Counts, now: float) -> None:
        self._counts = counts
        self._told: Counter[str] = Counter()
        self._refusals: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()
        self._next = now + INTERVAL
        self.tells_all = _log.isEnabledFor(logging.DEBUG)

    def changed(self, text: str, **facts: object) -> None:
        """The broker itself: it serves, it shuts down, it has ended."""
        _log.info(text, extra={"facts": facts})

    def warned(self, text: str) -> None:
        """It serves, and somebody should look after it."""
        _log.warning(text)

    def joined(self, worker: Worker) -> None:
        facts = {"capacity": worker.capacity, "kept": len(worker.jobs), "extended": worker.extended}
        _log.info("a worker has joined", extra={"facts": {**_of(worker), **facts}})

    def lost(self, worker: Worker, why: str, jobs: int) -> None:
        """It left, died, fell silent or was sent away; `jobs` go to others. A worker that leaves is no trouble."""
        level = logging.INFO if why in ("disconnected", "reconnected") and not jobs else logging.WARNING
        _log.log(level, "a worker is lost: %s", why, extra={"facts": {**_of(worker), "jobs": jobs}})

    def refused(self, ready: Ready, why: str) -> None:
        """A peer that wanted to be a worker, and may do so many times a second."""
        self._counts.refused["a worker"] += 1
        if why not in self._refusals and len(self._refusals) < MOST_TOLD:
            self._refusals.add(why)
            _log.warning("refused a worker: %s (service %.300r)", why, ready.service)

    def refused_key(self, role: str, key: bytes) -> None:
        """A peer that may not come in the role of that endpoint, "" for any; it may try again for ever."""
        self._counts.refused["a key"] += 1
        if (role, key) not in self._keys and len(self._keys) < MOST_TOLD:
            self._keys.add((role, key))
            _log.warning("refused a key%s", f" among {role}" * bool(role), extra={"facts": {"key": _text(key)}})

    def step(self, text: str, header: Header | None, service: bytes, worker: Worker | None = None) -> None:
        """What becomes of one request. It happens many thousand times a second: called only where it `tells_all`.

        A plain client gives its requests no id.
        """
        facts = {"request": header.id.hex() if header else None, "service": _text(service)}
        _log.debug(text, extra={"facts": {**facts, **({"worker": worker.routing_id.hex()} if worker else {})}})

    def retried(self, job: Job, why: str) -> None:
        _log.info("a request goes to another worker: the last one %s", why, extra={"facts": _about(job)})

    def failed(self, job: Job, status: Status, why: str) -> None:
        """It was accepted, and ends in an error: the broker's, or its worker's."""
        facts = {**_about(job), "tries": job.tries}
        _log.info("a request ends as %s: %s", status.name, why[:LONGEST_TEXT], extra={"facts": facts})

    def tick(self, now: float) -> None:
        """Tell what was dropped and refused: the first of each kind soon, the number of all others now and then."""
        is_time = now >= self._next
        if is_time:
            self._next = now + INTERVAL
        self.tells_all = _log.isEnabledFor(logging.DEBUG)
        self._count("dropped", self._counts.drops, is_time)
        self._count("refused", self._counts.refused, is_time)
        self._count("ended in an error", self._counts.errors, is_time)

    def _count(self, what: str, counts: Counter[str], is_time: bool) -> None:
        for reason, count in counts.items():
            key = f"{what}: {reason}"
            before = self._told[key]
            if count > before and (is_time or not before):
                self._told[key] = count
                more = f", {count - before} more" if before else ""
                _log.warning("%s%s", key, more, extra={"facts": {"reason": reason, "count": count}})


def _of(worker: Worker) -> dict[str, object]:
    return {"worker": worker.routing_id.hex(), "service": _text(worker.service.name)}


def _about(job: Job) -> dict[str, object]:
    id = job.header.id.hex() if job.header else None  # a plain client gives none
    return {"request": id, "service": _text(job.service.name), "client": job.client.routing_id.hex()}


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
