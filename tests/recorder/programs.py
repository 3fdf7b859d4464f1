"""Programs written without the lab, run plain and recorded: they must do the same."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from zmqlab import Trace

TOP = """
import asyncio, contextlib, os, sys, threading, zmq, zmq.asyncio
from zmq import Context
PORT = "tcp://127.0.0.1:{port}"
OTHER = "tcp://127.0.0.1:{other}"
"""
BOTTOM = """
import zmqlab
with {block}:
    main()
print("after the block")
"""
PLAIN, RECORDED = "contextlib.nullcontext()", "zmqlab.record('run.html', 'run.jsonl')"


def script(program: str, block: str, folder: Path, ports: dict[str, int]) -> list[str]:
    file = folder / "prog.py"
    text = textwrap.dedent(TOP.format(**ports) + program + BOTTOM.format(block=block))
    file.write_text(text, encoding="utf-8")
    return [sys.executable, "-W", "error", str(file)]


def run(program: str, block: str, folder: Path, ports: dict[str, int]) -> tuple[int, str, str]:
    done = subprocess.run(
        script(program, block, folder, ports), cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


def recorded(program: str, folder: Path, ports: dict[str, int]) -> Trace:
    """Run it plain and recorded: it must do the same. The trace of the recording."""
    plain = run(program, PLAIN, folder, ports)
    assert not (folder / "run.html").exists()
    watched = run(program, RECORDED, folder, ports)
    assert watched[:2] == plain[:2]
    assert "</html>" in (folder / "run.html").read_text(encoding="utf-8")
    return Trace.load(folder / "run.jsonl")


def texts(trace: Trace) -> list[bytes]:
    return [m.received_frames[-1] for m in trace.messages.values() if m.received_frames]
