"""Waits for the end of a program that is recorded, and puts together what its processes have written.

It is a process that is no child of the program and gets none of its signals, so it is there after all of them: a
program that was killed leaves a page too. It says on standard error what it has made.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ..trace import spool
from ..trace.reading import Decode
from . import decoding, gather, place

OVER = "over"  # a file that the program makes when it has nothing more to do; it waits until that is gone
LOOK = 0.05  # seconds between two looks for it
GRACE = 2.0  # seconds that other processes of the program may take to end


@dataclass
class Task:
    folder: str
    paths: list[str]
    title: str
    root: int  # the process of the program that was started first
    decode: str = ""  # module:function
    home: str = ""  # the folder that the program imports from


def start(task: Task) -> int:
    """Start a scribe for this process, which goes on as the program. Returns its process id. Not on Windows."""
    told, tells = os.pipe()
    child = os.fork()
    if child:
        os.close(tells)
        os.waitpid(child, 0)
        pid = int(os.read(told, 20))
        os.close(told)
        return pid
    try:
        os.setsid()
        scribe = os.fork()
        if not scribe:
            _become(task)
        os.write(tells, b"%d" % scribe)
    finally:
        os._exit(0)


def _become(task: Task) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # who reads what the program prints sees its end
    os.closerange(3, 4096)
    roots = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-P", "-m", __name__, json.dumps(asdict(task))]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": os.pathsep.join(roots)})


def wait(task: Task) -> None:
    """Until the program has ended, or says that it does nothing more."""
    over = Path(task.folder) / OVER
    try:
        root = os.pidfd_open(task.root) if hasattr(os, "pidfd_open") else -1
    except OSError:  # it has gone
        return
    while not over.exists():
        if root >= 0:
            if select.select([root], [], [], LOOK)[0]:
                return
        elif _alive(task.root):
            time.sleep(LOOK)
        else:
            return


def finish(task: Task) -> None:
    """Write the outputs, and say what there is to say. What could not be written stays in the folder."""
    folder, paths = Path(task.folder), [Path(path) for path in task.paths]
    files = place.spools(folder)
    if not files:
        gather.say(["nothing was recorded: no process of the program has made a socket of pyzmq"])
        with contextlib.suppress(OSError):
            folder.rmdir()
        return
    again = f"python -m zmqlab merge {_shown(folder)} -o {_shown(paths[0])}"
    try:
        running = _running(files, task.root)
        trace = gather.put(files, paths, task.title, _decode(task), over=not running)
    except Exception as error:
        gather.say([f"what was recorded is in {_shown(folder)}, but could not be written: {error}", f"try {again}"])
        return
    gather.say(gather.told(trace, [Path(_shown(path)) for path in paths]))
    if running:
        names = ", ".join(f"{name} (pid {pid})" for pid, name in running.items())
        gather.say([f"still running, and recorded on: {names}; later, {again}"])
        return
    for file in files:
        place.remove(file)


def _decode(task: Task) -> Decode | None:
    """No page is lost by it."""
    if not task.decode:
        return None
    try:
        return decoding.load(task.decode, Path(task.home))
    except ValueError as error:
        gather.say([str(error)])
        return None


def _running(files: list[Path], root: int) -> dict[int, str]:
    """The processes that have not ended, after a while in which they may."""
    sources = [spool.source(file) for file in files]
    deadline = time.monotonic() + GRACE
    while True:
        running = {each.pid: each.name for each in sources if each.pid != root and _alive(each.pid)}
        if not running or time.monotonic() > deadline:
            return {pid: name for pid, name in running.items() if name}
        time.sleep(LOOK)


def _alive(pid: int) -> bool:
    """Does it run? One that has ended, and that nobody has asked for, does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:
        return True


def _shown(path: Path) -> str:
    """As a person would name it who stands where the program was started."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> None:
    task = Task(**json.loads(sys.argv[1]))
    wait(task)
    try:
        finish(task)
    finally:
        over = Path(task.folder) / OVER
        over.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            over.parent.rmdir()


if __name__ == "__main__":
    main()
