"""Starting a process that does not become a child of the program, which has its own ideas of its children.

A program may wait for all its children, count them, or be called by SIGCHLD when one ends. So where the system has
``fork``, the process is started by a helper that ends at once, and belongs to the system's first process from then on.
Linux can hide the helper as well; elsewhere it is a child of the program, for as long as Python takes to start.

Although it is no child, we hear of its end, and it of ours: it holds the other ends of two pipes. Its standard input
ends when we do, and what it writes to standard output and standard error ends when it does.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import gc
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import Any, Protocol

import zmq

from ..trace import forks, native

if sys.platform != "win32":
    import fcntl
    import resource

LISTENER = 3  # the file descriptor of the listening socket that it is given
HELPER = "helper"  # the argument of a process that is to fork, and to leave the work to its child
WORDS = 100_000  # bytes kept of what it writes
_LOWEST = 10  # of our file descriptors: a program that was started without standard streams may still open 0, 1 and 2

# From <sched.h> and <sys/wait.h>: the helper shares our memory, we stand still meanwhile, and no signal tells its end.
_CLONE_VM, _CLONE_VFORK, _WCLONE = 0x100, 0x4000, -0x80000000
_STACK = 1 << 20  # bytes


class Started(Protocol):
    """A process that was started."""

    pid: int  # 0 while it has not told

    @property
    def alive(self) -> bool: ...

    @property
    def words(self) -> str:
        """What it has written, and nobody should have to read."""
        ...

    def tell(self, line: bytes) -> None:
        """Write to its standard input. It may have ended."""
        ...

    def end(self, seconds: float) -> None:
        """Close its standard input, give it so long to end, then kill it."""
        ...


def start(argv: list[str], env: dict[str, str], listener: socket.socket) -> tuple[Started, dict[str, Any]]:
    """Run ``argv`` with a listening socket; returns also where it finds the socket. Raises OSError.

    With `HELPER` as one more argument it has to fork at once, and its parent to end.
    """
    if sys.platform != "win32":
        return _Apart(argv, env, listener.fileno()), {"fd": LISTENER}
    child = _Child(argv, env)
    shared: bytes = listener.share(child.pid)
    return child, {"share": base64.b64encode(shared).decode()}


class _Apart:
    """Where there is a fork."""

    def __init__(self, argv: list[str], env: dict[str, str], listener: int) -> None:
        self.pid = 0
        self._written = b""
        self._ended = False
        self._lock = native.lock()
        self._stdin = self._output = -1
        self._theirs: list[int] = []
        forks.tell(self)
        try:
            stdin, self._stdin = _high(*os.pipe())
            self._theirs.append(stdin)
            self._output, output = _high(*os.pipe())
            self._theirs.append(output)
            self._theirs += _high(os.dup(listener))
            os.set_blocking(self._output, False)
            _spawn(argv, env, {0: stdin, 1: output, 2: output, LISTENER: self._theirs[-1]})
        except BaseException:
            self._close()
            raise
        _close(self._theirs)

    @property
    def alive(self) -> bool:
        with self._lock:
            while not self._ended:
                try:
                    data = native.original("os", "read")(self._output, 1 << 16)
                except BlockingIOError:
                    break
                self._written = (self._written + data)[:WORDS]
                self._ended = not data
            return not self._ended

    @property
    def words(self) -> str:
        return self._written.decode("utf-8", "replace")

    def tell(self, line: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):
            native.original("os", "write")(self._stdin, line)

    def end(self, seconds: float) -> None:
        stdin, self._stdin = self._stdin, -1
        os.close(stdin)
        if not self._ends(seconds) and self.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            self._ends(seconds)
        self._close()

    def in_child(self) -> None:
        """The pipes are the parent's: held here, they would hide its end from the process."""
        self._lock = native.lock()
        self._close()

    def _ends(self, seconds: float) -> bool:
        deadline = monotonic() + seconds
        while self.alive and monotonic() < deadline:
            zmq.zmq_poll([(self._output, zmq.POLLIN)], 50)
        return self._ended

    def _close(self) -> None:
        with self._lock:
            self._ended = True
            _close(self._theirs)
            _close([fd for fd in (self._stdin, self._output) if fd >= 0])
            self._stdin = self._output = -1


class _Child:
    """On Windows, where no program can wait for children that it does not know."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._words = b""
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                env=env,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            self._stderr.close()
            raise
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def words(self) -> str:
        return self._words.decode("utf-8", "replace")

    def tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def end(self, seconds: float) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.seek(0)
        self._words = self._stderr.read(WORDS)
        self._stderr.close()


def _high(*fds: int) -> list[int]:
    """The same files under numbers of at least `_LOWEST`; those given are closed."""
    made: list[int] = []
    try:
        for fd in fds:
            made.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _LOWEST))
    except BaseException:
        _close(made)
        raise
    finally:
        _close(list(fds))
    return made


def _close(fds: list[int]) -> None:
    while fds:
        os.close(fds.pop())


def _spawn(argv: list[str], env: dict[str, str], files: dict[int, int]) -> None:
    """Run ``argv`` in a session of its own, out of the reach of the Ctrl-C that is meant for the program, with the
    files {its number: ours} and no others, and with no signal blocked or ignored."""
    actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_DUP2, ours, number) for number, ours in files.items()]
    actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable() if fd not in files]

    def spawn(argv: list[str]) -> Callable[[], int]:
        return partial(
            native.original("os", "posix_spawn"),
            argv[0],
            argv,
            env,
            file_actions=actions,
            setsid=True,
            setsigmask=[],
            setsigdef=signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP},
        )

    if not _hidden(spawn(argv)):
        helper = spawn([*argv, HELPER])()
        with contextlib.suppress(ChildProcessError):  # the program was faster, or has all its children forgotten
            native.original("os", "waitpid")(helper, 0)


def _inheritable() -> list[int]:
    """The file descriptors that the program hands down to whatever it starts."""
    found = []
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)  # above it, none can be named any more
    with contextlib.suppress(OSError):  # no such folder in this corner of the system
        for fd in map(int, os.listdir("/dev/fd")):
            with contextlib.suppress(OSError):  # the folder's own is closed again
                if os.get_inheritable(fd) and (fd < limit or limit < 0):
                    found.append(fd)
    return found


def _hidden(spawn: Callable[[], int]) -> bool:
    """Call `spawn` in a helper process that the program cannot wait for. Returns False where the system has none such.

    The helper is made as ``posix_spawn`` makes its own: it shares our memory, runs on a stack of its own, and we stand
    still until it has ended. The one difference is that its end sends no signal, and so no ``wait`` but ours sees it.
    What it does to our memory, it does for us; so no Python code may run in it, of the program's neither, only `spawn`,
    which is written in C. Python 3.14 watches the stack that it runs on. Raises what `spawn` does.
    """
    if sys.platform != "linux" or sys.version_info >= (3, 14):
        return False
    clone = getattr(ctypes.PyDLL(None), "clone", None)
    if clone is None:
        return False
    try:
        entry = ctypes.PYFUNCTYPE(ctypes.c_int)(spawn)
        memory = mmap.mmap(-1, _STACK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (MemoryError, OSError):  # or a system that lets no program write machine code
        return False
    with memory as stack, _nothing_else() as raised:
        top = ctypes.addressof(ctypes.c_char.from_buffer(stack)) + len(stack)
        helper = clone(entry, ctypes.c_void_p(top), _CLONE_VM | _CLONE_VFORK, None)
        if helper >= 0:
            native.original("os", "waitpid")(helper, _WCLONE)
    for error in raised:
        raise error.exc_value
    return bool(helper >= 0)


@contextlib.contextmanager
def _nothing_else() -> Iterator[list[Any]]:
    """Neither signals nor the garbage collector come in between; gives the errors that a callback raises."""
    errors: list[Any] = []
    collects, hook = gc.isenabled(), sys.unraisablehook
    gc.disable()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    sys.unraisablehook = errors.append
    try:
        yield errors
    finally:
        sys.unraisablehook = hook
        if collects:
            gc.enable()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)  # last, as the stop button may have been pressed
