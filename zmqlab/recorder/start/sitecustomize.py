"""Python imports this at its start, as its folder stands in PYTHONPATH: see `zmqlab.recorder.command`.

It hides the `sitecustomize` that the program may have, so it runs that one as well. Nothing else of ours is loaded
before the program imports zmq.
"""

from __future__ import annotations

import atexit
import importlib.machinery
import importlib.util
import os
import sys
import time
from typing import Any

VARIABLE = "ZMQLAB_RECORD"
HERE = os.path.dirname(os.path.abspath(__file__))


def told() -> dict[str, Any]:
    """What this process was told of the recording; {} when it is not to be recorded."""
    import json

    stored: dict[str, Any] = json.loads(os.environ.get(VARIABLE) or "{}")
    return stored


class _Waiting:
    """Stands before all other finders until zmq is imported, and leaves then."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "zmq":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            _then(spec.loader)
        return spec


def _then(loader: Any) -> None:
    """Begin as soon as the module is there."""
    load = loader.exec_module

    def exec_module(module: Any) -> None:
        del loader.exec_module
        load(module)
        module.__spec__._initializing = False  # it is complete: threads of ours that import it do not wait for us
        _begin()

    loader.exec_module = exec_module


def _begin() -> None:
    settings = told()
    if not settings:
        return
    path = sys.path[:]
    sys.path += settings["roots"]
    try:
        from zmqlab.recorder import followed

        followed.begin(settings)
    except Exception as error:
        print(f"zmqlab: process {os.getpid()} is not recorded: {error!r}", file=sys.stderr)
    finally:
        sys.path[:] = path


def _end() -> None:
    """What was registered first runs last: the program has nothing more to do."""
    followed = sys.modules.get("zmqlab.recorder.followed")
    if followed is not None:
        followed.end()
    settings = told()
    if settings.get("root") == os.getpid():
        _wait(os.path.join(settings["folder"], settings["over"]), settings["scribe"])


def _leave(code: int) -> None:
    """In place of `os._exit`, as which most children of a fork end."""
    try:
        followed = sys.modules.get("zmqlab.recorder.followed")
        if followed is not None:
            followed.end()
    finally:
        _exit(code)


def _wait(over: str, scribe: int) -> None:
    """Let the scribe finish, so that the page is there when the program has ended: it takes this file away then."""
    try:
        open(over, "x").close()
        while os.path.exists(over) and not _gone(scribe):
            time.sleep(0.01)
    except (OSError, KeyboardInterrupt):  # who does not want to wait finds the page later
        pass


def _gone(pid: int) -> bool:
    """Has it ended? Where nobody asks for orphans it stays in the list of processes, as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:  # no such folder in this system
        return False


def _other() -> None:
    """Run the `sitecustomize` that would have run without us, under its name."""
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if __name__ == "sitecustomize":
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != HERE]
    if os.environ.get(VARIABLE):
        atexit.register(_end)
        _exit, os._exit = os._exit, _leave  # type: ignore[assignment]
        sys.meta_path.insert(0, _Waiting())
    _other()
