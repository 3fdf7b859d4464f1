"""A trace of 1,000,000 messages: it is opened in a kernel, and a page is made of it that says what it leaves out.

CPU time counts, as others share the machine. The page, which has as many messages as a page ever has, is opened in a
browser and panned.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tests.bench import traces
from tests.bench.diagram import pan, report_frames
from tests.bench.marks import at_most
from tests.bench.rounds import at_load
from tests.browser.chromium import chromium
from tests.view.recorded import RecordedPage
from zmqlab.view.feed import MOST

MESSAGES = 1_000_000
SECONDS = 10.0
GIGABYTES = 1.5  # at its peak
UNIT = 1e9 if sys.platform == "darwin" else 1e6  # ru_maxrss: bytes there, kilobytes elsewhere
OPEN = """
import sys, zmqlab
trace = zmqlab.Trace.load(sys.argv[1])
print(f"{len(trace.messages):,} messages, {sum(m.place == 'received' for m in trace.messages.values()):,} received")
"""


def run(name: str, command: Sequence[str]) -> bool:
    """True if it is quick and small enough; what it says is shown."""
    began = perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    said = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / UNIT
    quick, small = at_most(took, SECONDS), at_most(peak, GIGABYTES)
    print(f"{name}: {took:.1f} s of CPU (mark {SECONDS:.0f} s: {quick}), {perf_counter() - began:.1f} s by the clock")
    print(f"  {peak:.2f} GB at its peak (mark {GIGABYTES} GB: {small}); it says: {said}")
    return bool(quick and small) and process.returncode == 0


def panned(path: Path, left_out: int) -> bool:
    """Is the page smooth in a browser, and does it say how many messages are not in it? Its frames are told."""
    with chromium() as browser:
        began = perf_counter()
        page = RecordedPage(browser, path)
        page.expect("undrawn", left_out)
        print(f"it is open after {perf_counter() - began:.1f} s by the clock")
        smooth = report_frames(pan(page.page))
        print(f"problems of the page: {page.problems or 'none'}")
        return smooth and not page.problems


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench million", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    messages = parser.parse_args(argv).messages
    with tempfile.TemporaryDirectory() as folder:
        path, page = Path(folder) / "1.spool", Path(folder) / "run.html"
        traces.write(messages, path)
        print(f"{messages:,} messages, {path.stat().st_size / 1e6:.0f} MB{at_load()}")
        opened = run("opened in a kernel", ["-c", OPEN, str(path)])
        made = run("made a page", ["-m", "zmqlab", "merge", str(path), "-o", str(page)])
        print(f"the page has {page.stat().st_size / 1e6:.1f} MB{at_load()}")
        smooth = panned(page, max(0, messages - MOST))
    if not (opened and made and smooth):
        sys.exit(1)
