"""What Prometheus gets to see of a broker."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.majordomo.processes import ROOT, cleanup, start
from tests.majordomo.support import DEADLINE, serving, working
from tests.majordomo.world import World
from zmqlab.majordomo import Client, Timeout
from zmqlab.majordomo.counts import BOUNDS, Histogram
from zmqlab.majordomo.metrics import Status, serve


def scraped(url):
    """Name of a sample with its labels -> value."""
    with urllib.request.urlopen(url, timeout=DEADLINE) as page:
        families = list(text_string_to_metric_families(page.read().decode()))
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sample.labels.items()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
def test_a_broker_is_scraped_by_a_command_of_its_own():
    with serving() as broker, working(broker, "echo", lambda frame: frame), cleanup() as processes:
        with Client(broker.endpoint) as client:
            for number in range(7):
                client.call("echo", b"%d" % number)
        command = start("metrics", f"--endpoint={broker.endpoint}", "--port=0", stdout=subprocess.PIPE)
        processes.append(command)
        assert command.stdout
        url = json.loads(command.stdout.readline())["metrics"]
        seen = scraped(url)
        assert seen["majordomo_up"] == seen["majordomo_serving"] == 1
        assert seen["majordomo_workers service=echo"] == 1
        assert seen["majordomo_answered_total"] == seen["majordomo_works_seconds_count"] == 7
        assert seen["majordomo_waits_seconds_bucket le=+Inf"] == 7
        command.send_signal(signal.SIGTERM)
        assert command.wait(DEADLINE) == 0
        command.stdout.close()


def nobody():
    raise Timeout("nobody")


@pytest.mark.parametrize("ask", [nobody, lambda: b"501"], ids=["nobody", "a broker that is not ours"])
def test_without_a_broker_of_ours_it_says_so(ask):
    port, stop = serve(ask, 0, "127.0.0.1")
    try:
        assert scraped(f"http://127.0.0.1:{port}/metrics") == {"majordomo_up": 0}
    finally:
        stop()


def test_an_older_broker_is_scraped_for_what_it_tells():
    """One of wire version 1 counts less than ours."""
    world = World()
    world.ask(b"m", b"", service=b"mmi.status")
    told = json.loads(world.answers(b"m")[0][0])
    older = json.dumps({name: told[name] for name in ("state", "services", "clients_waiting", "accepted", "drops")})
    port, stop = serve(older.encode, 0, "127.0.0.1")
    try:
        seen = scraped(f"http://127.0.0.1:{port}/metrics")
    finally:
        stop()
    assert seen == {"majordomo_up": 1, "majordomo_serving": 1, "majordomo_clients": 0, "majordomo_accepted_total": 0}


def test_reasons_are_labels():
    world = World()
    world.core.from_client([b"mallory"], world.now)
    world.ask(b"m", b"", service=b"mmi.status")
    port, stop = serve(lambda: world.answers(b"m")[0][0], 0, "127.0.0.1")
    try:
        assert scraped(f"http://127.0.0.1:{port}/metrics")["majordomo_drops_total reason=too few frames"] == 1
    finally:
        stop()


def test_a_histogram_has_each_time_in_one_box():
    histogram = Histogram()
    for seconds in (0.0, 0.001, 0.0011, 60.0, 61.0):
        histogram.add(seconds)
    told = histogram.told()
    assert told["counts"] == [2, 1, *[0] * (len(BOUNDS) - 3), 1, 1]
    assert told["sum"] == pytest.approx(121.0021)


def test_how_long_a_request_waits_and_how_long_its_worker_takes():
    world = World()
    world.ask(b"c", b"x")
    world.wait(1.5)
    world.ready(b"w")
    world.wait(0.3, b"w")
    ((token, _),) = world.requests(b"w")
    world.reply(b"w", token, b"y")
    assert world.core.counts.waits.told()["sum"] == pytest.approx(1.5, abs=0.2)
    assert world.core.counts.works.told()["sum"] == pytest.approx(0.3, abs=0.2)


def test_of_a_request_that_is_tried_again_the_wait_counts_once_and_the_last_worker_alone():
    world = World()
    world.ready(b"ann")
    world.ready(b"ben")
    world.ask(b"c", b"x")
    world.wait(5, b"ben")  # ann, who has it, falls silent
    ((token, _),) = world.requests(b"ben")
    world.reply(b"ben", token, b"y")
    for histogram in (world.core.counts.waits, world.core.counts.works):
        assert sum(histogram.told()["counts"]) == 1


def test_the_metrics_of_the_operations_page_are_there():
    """But for what a histogram or a counter of Prometheus appends to a name."""
    world = World()
    world.core.from_client([b"mallory"], world.now)
    world.ready(b"w")
    world.ask(b"c", b"x")
    world.ask(b"m", b"", service=b"mmi.status")
    names = {metric.name for metric in Status(lambda: world.answers(b"m")[0][0]).collect()}
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = {name.removesuffix("_total") for name in re.findall(r"`(majordomo_\w+)", page)}
    assert len(told) > 8
    assert told <= names
