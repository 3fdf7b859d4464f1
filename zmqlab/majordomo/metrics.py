"""The broker's status for Prometheus: a small client of ``mmi.status``, which is asked at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..extras import extra
from . import checks
from .core import State
from .errors import MajordomoError
from .wire import read_object

with extra("metrics"):
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
    from prometheus_client.registry import Collector

Ask = Callable[[], bytes]
"""Asks for ``mmi.status``. Raises MajordomoError where no broker answers."""

GAUGES = {
    "queued": "requests that wait for a worker",
    "busy": "requests that workers have",
    "workers": "workers",
    "ready": "workers with free credit",
    "given_up": "requests that workers hold and need not answer",
}
"""Of each service: its name in the status, and what it counts."""
BYTES = {
    "bytes": "memory for requests, and answers that wait",
    "max_bytes": "from how many on a request is answered BUSY",
    "most_client_bytes": "those of the client that has most",
    "max_client_bytes": "how many a client may have",
}
TOTALS = {
    "accepted": "requests accepted",
    "answered": "requests answered with a result",
    "dispatched": "requests given to a worker, each try counted",
    "retried": "requests given to one more worker",
    "cancelled": "requests that their clients took back before a worker had them",
    "rejoined": "requests that came again while they were here",
}
REASONS = {
    "errors": "requests that ended in an error",
    "refused": "workers and keys that may not come",
    "lost_workers": "workers lost",
    "drops": "messages thrown away",
}
HISTOGRAMS = {
    "waits": "seconds that requests waited for a worker",
    "works": "seconds that workers took for an answer",
}


class Status(Collector):
    """All that the status has, as metrics whose names begin with ``majordomo_``; ``majordomo_up`` is 0 without it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        try:
            known = read_object(self._ask())
        except MajordomoError:
            known = None
        yield GaugeMetricFamily("majordomo_up", "whether a broker of ours answers", int(known is not None))
        if known is None:
            return
        serving = int(known["state"] == State.SERVING.value)
        yield GaugeMetricFamily("majordomo_serving", "0 while it shuts down", serving)
        for name, what, value in _told(known, BYTES):
            yield GaugeMetricFamily(f"majordomo_{name}", what, value)
        yield GaugeMetricFamily("majordomo_clients", "clients that wait for an answer", known["clients_waiting"])
        yield from _of_services(known["services"])
        for name, what, count in _told(known, TOTALS):
            yield CounterMetricFamily(f"majordomo_{name}", what, count)
        for name, what, counts in _told(known, REASONS):
            counter = CounterMetricFamily(f"majordomo_{name}", what, labels=["reason"])
            for reason, count in counts.items():
                counter.add_metric([reason], count)
            yield counter
        for name, what, boxes in _told(known, HISTOGRAMS):
            yield _histogram(f"majordomo_{name}_seconds", what, boxes)


def serve(ask: Ask, port: int, host: str) -> tuple[int, Callable[[], None]]:
    """Answer scrapes at ``http://host:port/metrics``, in a thread. Returns the port, and what ends it.

    Raises ValueError for what is no port, and OSError where the address cannot be had.
    """
    checks.count("port", port, least=0, most=65535)
    registry = CollectorRegistry()
    registry.register(Status(ask))
    server, thread = start_http_server(port, host, registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return server.server_port, stop


def _told(known: dict[str, Any], names: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Name, what it is, and the value: of what this broker tells. An older one tells less, and a limit may be none."""
    for name, what in names.items():
        if (value := known.get(name)) is not None:
            yield name, what, value


def _of_services(services: dict[str, dict[str, int]]) -> Iterator[Metric]:
    for name, what in GAUGES.items():
        gauge = GaugeMetricFamily(f"majordomo_{name}", what, labels=["service"])
        for service, counts in services.items():
            gauge.add_metric([service], counts[name])
        yield gauge


def _histogram(name: str, what: str, told: dict[str, Any]) -> Metric:
    so_far = 0
    buckets = []
    for bound, count in zip([*map(str, told["bounds"]), "+Inf"], told["counts"], strict=True):
        so_far += count
        buckets.append((bound, so_far))
    return HistogramMetricFamily(name, what, buckets=buckets, sum_value=told["sum"])
