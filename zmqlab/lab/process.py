"""A process of the operating system in a lab: seen through its links, and killed for real."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from ..sockets.tap import Tap
from ..trace.events import ActorData, TextData
from . import output


class ProcessFailed(RuntimeError):
    """A process of the lab has ended with another exit code than 0, and nobody had stopped it."""


class Process:
    """Runs `argv`. States as of an actor; `over` and `gone` are set together, when it has ended.

    What it prints to standard output and standard error is kept, line by line. `guard(pid, on)` has the process
    killed when this kernel is gone, however that came.
    """

    kind = "process"

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        tap: Tap,
        guard: Callable[[int, bool], None],
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.tap = tap
        self.state = "started"
        self.error: BaseException | None = None
        self.traceback = None
        self.reported = False
        self.over = threading.Event()
        self.gone = self.over
        self.output = output.Output(lambda line: tap.record("print", name, TextData(line)))
        self._guard = guard
        self._env = env
        self._cwd = cwd
        self._ending = ""  # the state that it is being brought to
        self._process: psutil.Popen | None = None

    @property
    def pid(self) -> int:
        """The process id; 0 before it was started."""
        return self._process.pid if self._process is not None else 0

    def again(self, tap: Tap) -> Process:
        """The same command once more, not started yet."""
        return Process(self.name, self.argv, tap, self._guard, self._env, self._cwd)

    def start(self) -> None:
        """Raises OSError where there is no such program."""
        check_script(self.argv, self._cwd)
        self._process = psutil.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(self._env or {})},
            cwd=self._cwd,
            start_new_session=os.name != "nt",  # out of the reach of the Ctrl-C that is meant for the kernel
        )
        self._guard(self.pid, True)
        self.tap.record("actor", self.name, ActorData("started", self.kind))
        self._thread = threading.Thread(target=self._follow, name=f"zmqlab process {self.name}", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        process = self._process
        assert process is not None
        stream: IO[bytes] = process.stdout
        with stream:
            for line in stream:
                self.output.write(line.decode("utf-8", "replace").replace("\r\n", "\n"))
        self.output.finish()
        code = process.wait()
        self._guard(process.pid, False)
        self._finish(code)

    def _finish(self, code: int) -> None:
        self.state, text = self._ending or "ended", ""
        if code and not self._ending:
            self.state, text = "failed", f"exit code {code}" if code > 0 else f"killed by signal {-code}"
            last = self.output.text.strip().rpartition("\n")[2] + self._line()
            self.error = ProcessFailed(f"process {self.name!r} has ended: {text}" + (f" ({last})" if last else ""))
        self.tap.record("actor", self.name, ActorData(self.state, text))
        self.over.set()

    def _line(self) -> str:
        """Where in the program itself, which may be the learner's, an error was; "" where no traceback says so."""
        script = next((word for word in self.argv[1:] if word.endswith(".py")), "")
        lines = re.findall(rf'^ *File ".*{re.escape(Path(script).name)}", line (\d+)', self.output.text, re.MULTILINE)
        return f", in line {lines[-1]} of {script}" if script and lines else ""

    def runs_here(self) -> bool:
        return False

    def where(self) -> str:
        return f"process {self.pid} ({' '.join(self.argv)})"

    # -- faults -------------------------------------------------------------------------------------------------

    def crash(self) -> None:
        """Kill it: SIGKILL, where the system has signals."""
        self._ending = "crashed"
        self._signal("kill")

    def hang(self) -> None:
        """Stop it where it is: SIGSTOP, where the system has signals. Nothing of it lives on, heartbeats neither."""
        self._signal("suspend")
        self.tap.hang()

    def resume(self) -> None:
        self.tap.resume()
        self._signal("resume")

    # -- stopping -----------------------------------------------------------------------------------------------

    def ask_to_stop(self) -> None:
        self._ending = self._ending or "stopped"
        self._signal("terminate")
        self.resume()  # a stopped process gets the signal when it goes on

    def terminate(self) -> None:
        """It has been asked."""

    def interrupt(self) -> None:
        self._signal("kill")

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def abandon(self) -> str:
        return f"does not end even when killed (process {self.pid})"

    def _signal(self, how: str) -> None:
        if self._process is not None and not self.over.is_set():
            try:
                getattr(self._process, how)()
            except psutil.NoSuchProcess:
                return


def check_script(argv: Sequence[str], cwd: str | None) -> None:
    """Of Python with a file: the file is there, and something is in it. Raises FileNotFoundError.

    Python itself would end without a word that anybody sees, or with nothing done, while a cell waits for what the
    program was to send. A file is left empty where the disk was full when a cell wrote it.
    """
    if len(argv) < 2 or argv[0] != sys.executable or argv[1].startswith("-"):
        return
    path = Path(cwd or "", argv[1])
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: run the cell that writes it, and then this one again")
    if path.is_file() and not path.stat().st_size:
        raise FileNotFoundError(
            f"{path} is empty, as after a full disk: make room, run the cell that writes it, and then this one again"
        )
