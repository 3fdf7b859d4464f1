"""What the learner has solved, predicted and recalled, in a small file on this machine alone."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from ..trace import whole

Known = dict[str, dict[str, Any]]
"""``{"solved": {key: date}, "predictions": {question: right}, "recalled": {question: times}}``: a question from an
earlier lesson was answered right so many times in a row, the last ones."""

VARIABLE = "ZMQLAB_PROGRESS"  # names another file; programs that run the lessons use it
NAME = "zmqlab-progress.json"
PARTS = {"solved": str, "predictions": bool, "recalled": int}  # and the type of what each has


def path() -> Path:
    """Beside Jupyter's own data, or where the environment variable says."""
    return Path(os.environ.get(VARIABLE) or Path(jupyter_data_dir()) / NAME)


def read() -> Known:
    """What is known of this learner. A file that is none counts as empty."""
    try:
        return parse(path().read_bytes())
    except (OSError, ValueError):
        return {part: {} for part in PARTS}


def parse(data: bytes) -> Known:
    """What such a file says. Raises ValueError for what is none."""
    try:
        known = json.loads(data)
    except (ValueError, RecursionError):
        known = None
    if not isinstance(known, dict) or not any(isinstance(known.get(part), dict) for part in PARTS):
        raise ValueError("this is no progress of the course")
    return {part: _of_type(known.get(part), kind) for part, kind in PARTS.items()}


def solved(key: str) -> None:
    """The exercise passed its check today; the first day counts."""
    known = read()
    if key not in known["solved"]:
        known["solved"][key] = date.today().isoformat()
        _write(known)


def predicted(question: str, right: bool) -> None:
    """A locked prediction met its answer; the first answer counts."""
    known = read()
    if question not in known["predictions"]:
        known["predictions"][question] = right
        _write(known)


def recalled(question: str, right: bool) -> None:
    """A question from an earlier lesson was answered; a wrong answer begins the count anew."""
    known = read()
    known["recalled"][question] = known["recalled"].get(question, 0) + 1 if right else 0
    _write(known)


def forget() -> None:
    """Raises OSError when the file is there and cannot be removed."""
    path().unlink(missing_ok=True)


def _write(known: Known) -> None:
    """A place that cannot be written to ends no lesson, and is told of once in this kernel."""
    target = path()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        whole.write(target, json.dumps(known, indent=1, ensure_ascii=False).encode())
    except OSError as error:
        _tell(f"Your progress is not kept: {error}. Make room there, or name another file in {VARIABLE}.")


@cache
def _tell(trouble: str) -> None:
    print(trouble, file=sys.stderr)


def _of_type(part: object, kind: type) -> dict[str, Any]:
    return {name: value for name, value in part.items() if type(value) is kind} if isinstance(part, dict) else {}
