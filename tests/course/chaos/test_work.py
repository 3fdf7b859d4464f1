"""Who gets a request first meets its trouble; all others just do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zmqlab.course.chaos.work import TROUBLES, Work, answer_to, noted, requests

PATIENCE = 0.02


def test_each_trouble_is_asked_for_once() -> None:
    asked = requests(30)
    assert len(asked) == 30
    assert asked[b"0"] == b"quick 0"
    assert {
        int(number): payload.decode().split()[0] for number, payload in asked.items() if b"quick" not in payload
    } == TROUBLES


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_crash_kills_the_first_process_and_spares_the_second(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from zmqlab.course.chaos.work import Work
print(Work(Path({str(tmp_path)!r}), 0.1).do(b"crash 4", print))"""
    first, second = (subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30) for _ in range(2))
    assert (first.returncode, first.stdout) == (-signal.SIGKILL, b"")
    assert second.stdout.split() == [b"b'CRASH", b"4'"]
    assert noted(tmp_path) == {"begun": 2, "crashed": 1, "done": 1}


def test_a_hang_says_nothing_and_a_slow_one_says_that_it_lives(tmp_path: Path) -> None:
    said: list[str] = []
    work = Work(tmp_path, PATIENCE)
    began = time.monotonic()
    assert work.do(b"hang 8", lambda: said.append("hang")) == answer_to(b"hang 8")
    assert time.monotonic() - began >= 4 * PATIENCE
    assert said == []
    assert work.do(b"slow 12", lambda: said.append("slow")) == b"SLOW 12"
    assert said == 8 * ["slow"]
    assert noted(tmp_path) == {"begun": 2, "done": 2}
