"""Who gets a request first meets its trouble; all others just do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zmqlab.course.chaos.work import Request, Work, answer_to, noted, payload_of

PATIENCE = 0.02


def words(folder: Path) -> list[tuple[str, Request, str]]:
    return [(note.word, note.request, note.worker) for note in noted(folder)]


def test_the_payload_names_the_trouble_and_whose_it_is() -> None:
    assert payload_of(Request("alice", 20)) == b"crash alice 20"
    assert payload_of(Request("bob", 20)) == b"quick bob 20"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_crash_kills_the_first_process_and_spares_the_second(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from zmqlab.course.chaos.work import Work
print(Work(sys.argv[1], Path({str(tmp_path)!r}), 0.1).do(b"crash alice 4", print))"""
    first, second = (
        subprocess.run([sys.executable, "-c", code, name], capture_output=True, timeout=30) for name in ("ann", "ben")
    )
    assert (first.returncode, first.stdout) == (-signal.SIGKILL, b"")
    assert second.stdout.split() == [b"b'CRASH", b"ALICE", b"4'"]
    four = Request("alice", 4)
    assert words(tmp_path) == [
        ("begun", four, "ann"),
        ("crashed", four, "ann"),
        ("begun", four, "ben"),
        ("done", four, "ben"),
    ]


def test_a_hang_says_nothing_and_a_slow_one_says_that_it_lives(tmp_path: Path) -> None:
    said: list[str] = []
    work = Work("ann", tmp_path, PATIENCE)
    began = time.monotonic()
    assert work.do(b"hang bob 8", lambda: said.append("hang")) == answer_to(b"hang bob 8")
    assert time.monotonic() - began >= 4 * PATIENCE
    assert said == []
    assert work.do(b"slow bob 12", lambda: said.append("slow")) == b"SLOW BOB 12"
    assert said == 8 * ["slow"]
    assert [word for word, _, _ in words(tmp_path)] == ["begun", "done", "begun", "done"]
    assert began <= noted(tmp_path)[0].at <= time.monotonic()
