"""The services that the broker itself offers: the Majordomo Management Interface, ZeroMQ RFC 8."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .wire import MMI_LIMITS, WIRE_VERSION, Request

if TYPE_CHECKING:
    from .core import Core

FOUND, NOT_FOUND, NOT_IMPLEMENTED = b"200", b"404", b"501"


def answer(core: Core, request: Request, now: float) -> list[bytes]:
    """The body of the answer to a request for a service that begins with ``mmi.``"""
    if request.service == b"mmi.service":
        service = core.pool.services.get(request.body[0])
        return [FOUND if service and service.workers else NOT_FOUND]
    if request.service == b"mmi.status":  # ours
        return [json.dumps(status(core, now)).encode()]
    if request.service == MMI_LIMITS:  # ours, too
        return [core.limits.announce()]
    return [NOT_IMPLEMENTED]


def status(core: Core, now: float) -> dict[str, object]:
    """The broker's state and counts, fit for JSON."""
    services = {
        service.name.decode(): {
            "workers": len(service.workers),
            "ready": len(service.ready),
            "queued": len(service.queue),
            "busy": sum(len(worker.jobs) for worker in service.workers.values()),
            "given_up": sum(len(worker.given_up) for worker in service.workers.values()),
        }
        for service in core.pool.services.values()
    }
    return {
        "wire": WIRE_VERSION,
        "state": core.state.value,
        "services": services,
        "clients_waiting": core.ledger.desk.waiting(),
        "rates": core.counts.rates(now),
        **core.counts.totals(),
    }
