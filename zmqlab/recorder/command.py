"""``python -m zmqlab record``: run a program as it is, with its children, and make one page of what they did.

The program runs in a Python of its own, in the place of this process: it has this process's id, terminal and signals,
its exit status is its own, and no frame of ours stands in its tracebacks. It finds a folder of ours in PYTHONPATH, of
which Python imports ``sitecustomize`` at its start; so do its children that are Python, however they were started.
(A ``.pth`` file would slow down every Python of the environment for ever, and patches of `subprocess` could be seen.)

A scribe waits beside it, and puts together what the processes have written, however they ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import decoding, place, scribe
from .start.sitecustomize import VARIABLE

START = Path(__file__).parent / "start"
ROOT = Path(__file__).parents[2]  # where zmqlab is found


class Refused(Exception):
    """It cannot be done; the text says why, and what to do."""


def record(
    program: Sequence[str],
    paths: Sequence[Path],
    links: bool = True,
    seconds: float | None = None,
    size: int | None = None,
    decode: str = "",
) -> int:
    """Run ``python <program>`` and write what it does to `paths`. Returns only on Windows, with its exit status.

    `decode` is a ``module:function`` that the program could import. Raises `Refused`, ValueError.
    """
    _check(program)
    home = Path.cwd() if program[0] in ("-m", "-c") else Path(program[0]).resolve().parent
    if decode:
        decoding.check(decode, home, program)
    folder = place.free_folder(paths[0])
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise Refused(f"no folder can be made for the recording: {error}") from error
    absolute = [str(path.absolute()) for path in paths]
    task = scribe.Task(str(folder), absolute, _title(program), os.getpid(), decode, str(home))
    settings: dict[str, Any] = {"folder": str(folder), "over": scribe.OVER, "roots": [str(ROOT)]}
    settings |= {"links": links, "seconds": seconds, "size": size}
    command = [sys.executable, *_flags(), *program]
    if os.name == "posix":
        settings["scribe"] = scribe.start(task)
        os.execve(sys.executable, command, _environment({**settings, "root": os.getpid()}))
    code = subprocess.call(command, env=_environment({**settings, "root": 0}))
    scribe.finish(task)
    return code


def _check(program: Sequence[str]) -> None:
    if sys.flags.ignore_environment or sys.flags.no_site:
        raise Refused("Python's options -I, -E and -S keep a program from being followed: leave them out")
    if program[0] not in ("-m", "-c") and not os.path.exists(program[0]):
        raise Refused(f"there is no file {program[0]}; a module is recorded with -m")
    if program[0] in ("-m", "-c") and len(program) < 2:
        raise Refused(f"{program[0]} wants to be told what to run")


def _title(program: Sequence[str]) -> str:
    return program[1] if program[0] == "-m" else "program" if program[0] == "-c" else Path(program[0]).stem


def _flags() -> list[str]:
    """What this Python was told before ``-m zmqlab``, such as ``-u`` and ``-X dev``: the program's Python is too."""
    given = sys.orig_argv[1:]
    return given[: given.index("-m")] if "-m" in given else []


def _environment(settings: dict[str, Any]) -> dict[str, str]:
    path = [str(START), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, VARIABLE: json.dumps(settings), "PYTHONPATH": os.pathsep.join(path)}
