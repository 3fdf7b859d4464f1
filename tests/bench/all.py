"""All the others, one after the other, into one report: machine, versions, figures with their spread, marks."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import zmq

from tests.bench.rounds import load
from zmqlab.course import machine

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("pyzmq", "jupyterlab", "ipykernel", "anywidget")


@dataclass(frozen=True)
class Run:
    """One measurement: its command, what it printed, how it ended, and how busy the machine was when it began."""

    command: str
    printed: str
    status: int
    seconds: float
    load: float

    def verdict(self) -> str:
        return {0: "all marks reached", 1: "**a mark was missed**"}.get(self.status, f"**ended with {self.status}**")


def main(argv: list[str]) -> None:
    from tests.bench.__main__ import benches

    known = [name for name in benches() if name != "all"]
    parser = argparse.ArgumentParser(prog="python -m tests.bench all", description=__doc__)
    which = f"some of {', '.join(known)}, with options if need be: 'echo --rounds 9' (default: all, half an hour)"
    parser.add_argument("names", nargs="*", help=which)
    parser.add_argument(
        "-o", "--output", type=Path, default=ROOT / "build" / "bench.md", help="the report, in Markdown"
    )
    options = parser.parse_args(argv)
    if unknown := {name.partition(" ")[0] for name in options.names} - set(known):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    runs = [measured(name) for name in options.names or known]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report(runs), encoding="utf-8")
    print(f"\nThe report is in {options.output}.")
    sys.exit(max(run.status for run in runs))


def measured(name: str) -> Run:
    """Run it, with its options, in a process of its own, so that none finds what another one left; what it prints is
    seen meanwhile."""
    print(f"\n=== {name}", flush=True)
    before, began = load(), time.monotonic()
    line = [sys.executable, "-m", "tests.bench", *shlex.split(name)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        lines = []
        for text in process.stdout:
            print(text, end="", flush=True)
            lines.append(text)
    return Run(f"python -m tests.bench {name}", "".join(lines), process.returncode, time.monotonic() - began, before)


def report(runs: Sequence[Run]) -> str:
    """A table of the verdicts, and then what each one printed."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in VERSIONS)
    rows = [f"| `{run.command}` | {run.verdict()} | {run.seconds:.0f} s | {run.load:.1f} |" for run in runs]
    printed = [f"## {run.command}\n\n```text\n{run.printed.strip()}\n```" for run in runs]
    head = f"""# Figures

{machine.describe()}; {versions}, libzmq {zmq.zmq_version()}.
Ratios count: both sides ran in one go. Figures of one machine mean nothing on another.

| command | verdict | time | load before |
|---|---|---|---|
"""
    return head + "\n".join(rows) + "\n\n" + "\n\n".join(printed) + "\n"
