"""The services that the broker itself offers: the Majordomo Management Interface, ZeroMQ RFC 8."""

from __future__ import annotations

import json
from typing import NamedTuple

from .counts import Counts
from .ledger import Ledger
from .pool import Pool
from .wire import MMI_LIMITS, WIRE_VERSION, Request

FOUND, NOT_FOUND, NOT_IMPLEMENTED = b"200", b"404", b"501"


class Management(NamedTuple):
    """Answers these services out of what the broker knows."""

    pool: Pool
    ledger: Ledger
    counts: Counts

    def answer(self, request: Request, state: str, now: float) -> list[bytes]:
        """The body of the answer to a request for a service that begins with ``mmi.``; `state` is the broker's."""
        if request.service == b"mmi.service":
            service = self.pool.services.get(request.body[0])
            return [FOUND if service and service.workers else NOT_FOUND]
        if request.service == b"mmi.status":  # ours
            return [json.dumps(self._status(state, now)).encode()]
        if request.service == MMI_LIMITS:  # ours, too
            return [self.pool.announcement]
        return [NOT_IMPLEMENTED]

    def _status(self, state: str, now: float) -> dict[str, object]:
        """The broker's state and counts, fit for JSON."""
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
            "clients_waiting": self.ledger.deliveries.waiting(),
            "rates": self.counts.rates(now),
            **self.counts.totals(),
        }
