"""What the learner has solved, predicted and recalled, in a small file on this machine alone."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

VARIABLE = "ZMQLAB_PROGRESS"  # names another file; programs that run the lessons use it


def path() -> Path:
    """Beside Jupyter's own data, or where the environment variable says."""
    return Path(os.environ.get(VARIABLE) or Path(jupyter_data_dir()) / "zmqlab-progress.json")


def read() -> dict[str, dict[str, Any]]:
    """``{"solved": {key: date}, "predictions": {question: right}, "recalled": {question: times}}``: a question from an
    earlier lesson was answered right so many times in a row, the last ones. A file that is none counts as empty."""
    try:
        known = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    known = known if isinstance(known, dict) else {}
    parts = {part: _as_dict(known.get(part)) for part in ("solved", "predictions", "recalled")}
    parts["recalled"] = {question: times for question, times in parts["recalled"].items() if isinstance(times, int)}
    return parts


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


def _write(known: dict[str, dict[str, Any]]) -> None:
    """Whole or not at all. A place that cannot be written to is no reason to disturb a lesson."""
    target = path()
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True) if target.parent.is_dir() else None


def _as_dict(part: object) -> dict[str, Any]:
    return dict(part) if isinstance(part, dict) else {}
