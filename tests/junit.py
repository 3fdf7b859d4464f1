"""pytest in a process of its own, and what its report says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

from tests.notebooks.paths import ROOT

COLOUR = re.compile(r"(?:#x1B|\x1b)\[\d*m")


class Case(NamedTuple):
    """One test, or one cell of a notebook."""

    place: str  # the module or class that it is in
    name: str
    seconds: float
    troubles: list[str]  # why it failed; empty when it passed


class Report(NamedTuple):
    cases: list[Case]
    problem: str  # how pytest ended, if not at its end: "ended with 4: …"


def run(options: list[str]) -> Report:
    """One run of pytest with these options, in the project's folder."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={file}", *options]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        cases = _cases(file.read_text(encoding="utf-8")) if file.exists() else []
    failed = any(case.troubles for case in cases)
    if done.returncode > 1 or (done.returncode and not failed):
        return Report(cases, f"ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return Report(cases, "")


def _cases(report: str) -> list[Case]:
    found = []
    for case in ElementTree.fromstring(report).iter("testcase"):
        troubles = [
            COLOUR.sub("", trouble.get("message") or trouble.text or "").strip()
            for trouble in (*case.iter("failure"), *case.iter("error"))
        ]
        found.append(Case(case.get("classname", ""), case.get("name", ""), float(case.get("time", 0)), troubles))
    return found
