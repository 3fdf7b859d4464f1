"""The command line in real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.majordomo.support import DEADLINE

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "zmqlab.majordomo"]
QUICK = ["--heartbeat=0.2", "--liveness=5"]


def start(*arguments: str, cwd: Path = ROOT, **more: Any) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen([*COMMAND, *arguments], cwd=cwd, env=env, text=True, **more)


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    try:
        out, err = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def start_broker(*arguments: str, endpoint: str = "tcp://127.0.0.1:0") -> tuple[subprocess.Popen[str], str]:
    """A broker process, and the endpoint that it serves."""
    process = start("broker", "--endpoint", endpoint, *QUICK, "--tick=0.02", *arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    return process, str(told["endpoint"])


def start_worker(endpoint: str, service: str, handler: str, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    return start("worker", "--endpoint", endpoint, *QUICK, service, handler, *arguments, **more)


@contextmanager
def cleanup() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes put into the list are killed at the end."""
    processes: list[subprocess.Popen[str]] = []
    try:
        yield processes
    finally:
        for process in processes:
            kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and wait until it is gone."""
    process.kill()
    process.wait(DEADLINE)
    if process.stdout:
        process.stdout.close()


def end(process: subprocess.Popen[str]) -> int:
    """SIGTERM, and the exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(DEADLINE)
