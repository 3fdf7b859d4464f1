"""The services that the broker itself offers: the Majordomo Management Interface, ZeroMQ RFC 8."""

from __future__ import annotations

import json
import math

from .counts import Counts
from .ledger import Ledger
from .pool import Pool
from .wire import FOUND, MMI_CANCEL, MMI_LIMITS, MMI_REJOIN, WIRE_VERSION, Request, name_in

NOT_FOUND, NOT_IMPLEMENTED = b"404", b"501"  # of RFC 8, beside FOUND
PER_SERVICE, PER_CLIENT = 2e-4, 5e-6
"""Seconds: a status of so many services and waiting clients is told again for so long. To make it takes about a
hundredth of that, so it takes a hundredth of the broker's time, however many ask."""


class Management:
    """Answers these services out of what the broker knows."""

    def __init__(self, pool: Pool, ledger: Ledger, counts: Counts) -> None:
        self.pool = pool
        self.ledger = ledger
        self.counts = counts
        self._told = b""  # the last status, and until when it is told again
        self._until = -math.inf

    def answer(self, request: Request, state: str, now: float) -> list[bytes]:
        """The body of the answer to a request for a service that begins with ``mmi.``; `state` is the broker's."""
        if request.service == b"mmi.service":
            service = self.pool.services.get(name_in(request.body[0]))
            return [FOUND if service and service.workers else NOT_FOUND]
        if request.service == b"mmi.status":  # ours
            if now >= self._until:
                self._told = json.dumps(self._status(state, now)).encode()
                waiting = self.ledger.deliveries.waiting()
                self._until = now + PER_SERVICE * len(self.pool.services) + PER_CLIENT * waiting
            return [self._told]
        if request.service == MMI_LIMITS:  # ours, too
            return [self.pool.announcement]
        if request.service == MMI_CANCEL:  # and this
            return [FOUND if self._cancel(request) else NOT_FOUND]
        if request.service == MMI_REJOIN:
            asked = request._replace(service=name_in(request.body[0]))
            return [FOUND if self.ledger.has(asked) else NOT_FOUND]
        return [NOT_IMPLEMENTED]

    def _cancel(self, request: Request) -> bool:
        """Take a request of the same client's out of its queue; what a worker has already is done to its end."""
        service, id = map(name_in, [*request.body, b""][:2])
        job = self.ledger.waiting(service, id, request.client)
        if job:
            job.service.queue.remove(job)
            self.ledger.cancel(job)
        return job is not None

    def _status(self, state: str, now: float) -> dict[str, object]:
        """The broker's state and counts, fit for JSON."""
        deliveries = self.ledger.deliveries
        services = {
            service.name.decode(): {
                "workers": len(service.workers),
                "ready": len(service.ready),
                "queued": len(service.queue),
                "busy": sum(len(worker.jobs) for worker in service.workers.values()),
                "given_up": sum(len(worker.given_up) for worker in service.workers.values()),
            }
            for service in self.pool.services.values()
        }
        return {
            "wire": WIRE_VERSION,
            "state": state,
            "services": services,
            "bytes": deliveries.bytes,
            "max_bytes": _limit(deliveries.room),
            "most_client_bytes": deliveries.most(),
            "max_client_bytes": _limit(deliveries.client_room),
            "clients_waiting": deliveries.waiting(),
            "rates": self.counts.rates(now),
            **self.counts.totals(),
        }


def _limit(value: float) -> float | None:
    """For JSON, which has no `inf`."""
    return None if value == math.inf else value
