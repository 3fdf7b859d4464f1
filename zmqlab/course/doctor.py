"""`doctor()`: what is fine on this machine, what is not, and the command that mends it."""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from .. import extras
from ..lab.printed import filled
from . import machine

PYTHON = (3, 11)
JUPYTERLAB = 4
LIBZMQ = (4, 3)
REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"
INSTALL = "python -m pip install -r requirements.txt -e ."
WHERE = "in the folder of the course, with its virtual environment"
REINSTALL = f"run `python -m pip install --force-reinstall --only-binary :all: pyzmq` {WHERE}"
RELAY_CURE = (
    "restart the kernel; if it stays so, allow Python in the security program of this machine, or work with "
    "`Lab(links=False)`, which shows what is sent and received but not what is on the wire"
)
WIDGET_EXTENSIONS = ("anywidget", "@jupyter-widgets/jupyterlab-manager", "zmqlab")
LONG_IMPORTS = {"numpy": "numpy", "matplotlib": "matplotlib.pyplot", "distributed": "dask.distributed"}
"""For each package what a lesson imports of it."""
DRAFT_OPTIONS = ("ROUTER_NOTIFY", "HELLO_MSG", "DISCONNECT_MSG", "HICCUP_MSG")
SECONDS = 5.0


class Trouble(Exception):
    """A check found something wrong. `cure` says what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


def doctor() -> None:
    """Print one line for each check. Nothing in it changes from run to run but the last line, about the machine."""
    failed = 0
    for name, check in CHECKS.items():
        try:
            _say(f"ok      {name}: {check()}")
        except Exception as error:  # one check that fails must not hide the others
            failed += 1
            trouble = error if isinstance(error, Trouble) else _unforeseen(error)
            _say(f"NOT OK  {name}: {trouble.cause}")
            print(f"        To mend it: {trouble.cure}")  # it may be a command, to be copied
    print(f"{failed} of {len(CHECKS)} checks found something wrong." if failed else "All is well.")
    print(f"This machine: {machine.describe()}")  # one line: it is what differs from machine to machine


def _say(text: str) -> None:
    print("\n".join(filled(text, further=" " * 8)))


def _unforeseen(error: Exception) -> Trouble:
    return Trouble(f"{type(error).__name__}: {error}", f"run `{INSTALL}` {WHERE}, and restart the kernel")


def check_python() -> str:
    needed = ".".join(map(str, PYTHON))
    if sys.version_info[:2] < PYTHON:
        have = ".".join(map(str, sys.version_info[:2]))
        raise Trouble(f"this is Python {have}; the course needs {needed}", f"install Python {needed} and start again")
    return f"{needed} or newer"


def check_packages() -> str:
    """The versions that are installed are those the course was tested with."""
    if not REQUIREMENTS.exists():  # installed, and no clone: the package asks for what it needs, in ranges
        needed = ("pyzmq", *extras.COURSE)
        missing = [package for package in needed if not version(package)]
        if missing:
            raise Trouble(f"{', '.join(missing)} is missing", f"run `{extras.cure('course')}`, and restart the kernel")
        return ", ".join(f"{package} {version(package)}" for package in needed)
    pins = dict(read_pins(REQUIREMENTS))
    wrong = []
    for package, pinned in pins.items():
        installed = version(package)
        if installed != pinned:
            wrong.append(f"{package} {installed or 'is missing'} (tested: {pinned})")
    if wrong:
        raise Trouble(", ".join(wrong), f"run `{INSTALL}` {WHERE}, and restart the kernel")
    return ", ".join(f"{package} {pinned}" for package, pinned in pins.items())


def read_pins(path: Path) -> Iterator[tuple[str, str]]:
    """(package, version) for every line ``package==version``."""
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"([\w.-]+)==([\w.]+)", line.strip())
        if match:
            yield match[1], match[2]


def version(package: str) -> str:
    """The installed version, "" where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def check_imports() -> str:
    """No import was cut short in this kernel: what is left of one by the stop button, Python does not heal."""
    for package, module in LONG_IMPORTS.items():
        if any(name.partition(".")[0] == package for name in list(sys.modules)):
            try:
                importlib.import_module(module)
            except Exception as error:
                cause = f"{package} cannot be imported any more ({type(error).__name__}: {error})"
                raise Trouble(cause, "restart the kernel: an import that was interrupted leaves halves") from error
    return "none was cut short in this kernel"


def check_libzmq() -> str:
    """The library under pyzmq, and what it was built without."""
    import zmq

    if zmq.zmq_version_info()[:2] < LIBZMQ:
        needed = ".".join(map(str, LIBZMQ))
        raise Trouble(f"libzmq {zmq.zmq_version()} is too old: the course needs {needed}", REINSTALL)
    if not zmq.has("curve"):
        raise Trouble("this libzmq was built without CURVE, which encrypts connections", REINSTALL)
    draft = "with the draft API" if zmq.has("draft") else f"without the draft API ({', '.join(DRAFT_OPTIONS)})"
    return f"{zmq.zmq_version()}, {draft}"


def check_loopback() -> str:
    """A program may listen on a port of 127.0.0.1 that the system chooses, and be reached there."""
    cure = "allow Python in the firewall or security program of this machine (connections to 127.0.0.1 only)"
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(SECONDS)
            with socket.create_connection(server.getsockname(), timeout=SECONDS) as client:
                accepted, _ = server.accept()
                with accepted:
                    accepted.settimeout(SECONDS)
                    client.sendall(b"?")
                    if accepted.recv(1) != b"?":
                        raise Trouble("a byte sent to 127.0.0.1 did not arrive", cure)
    except OSError as error:
        raise Trouble(f"no connection over 127.0.0.1 ({error})", cure) from error
    return "TCP over 127.0.0.1, on ports that the system chooses"


def check_relay() -> str:
    """The relay process starts, a message passes through it, and is seen on its way."""
    import zmq

    from ..lab.lab import Lab
    from ..lab.spawn import RelayError

    try:
        with Lab("doctor()") as lab:
            endpoint, context = lab.endpoint("router"), lab.context("doctor")
            with context.socket(zmq.ROUTER) as router, context.socket(zmq.DEALER) as dealer:
                router.linger = dealer.linger = 0  # nothing may wait here, whatever fails
                router.bind(endpoint)
                dealer.connect(endpoint)
                dealer.send(b"?")
                if not router.poll(int(SECONDS * 1000)):
                    raise Trouble(f"a message through the relay did not arrive within {SECONDS:g} s", RELAY_CURE)
                router.recv_multipart()
            if not any(message.arrived and message.received for message in lab.messages()):
                raise Trouble("a message arrived, but the relay did not report it", RELAY_CURE)
    except RelayError as error:
        raise Trouble(str(error), RELAY_CURE) from error
    return "starts, passes a message on and reports it"


def check_widgets() -> str:
    """JupyterLab has the front-end half of the widgets, and that of anywidget in the version of this kernel's half."""
    if "COLAB_RELEASE_TAG" in os.environ:
        raise Trouble("Colab does not show what a thread in the background draws", "open the course in JupyterLab")
    lab = version("jupyterlab")
    if not lab or int(lab.split(".")[0]) < JUPYTERLAB:
        have = f"JupyterLab {lab}" if lab else "no JupyterLab in this environment"
        raise Trouble(f"{have}; the course needs {JUPYTERLAB} or newer", f"run `{INSTALL}` {WHERE}")
    for extension in WIDGET_EXTENSIONS:
        if not extension_version(extension):
            raise Trouble(f"JupyterLab has no extension {extension}", f"run `{INSTALL}` {WHERE}, and reload the page")
    front, back = extension_version("anywidget"), version("anywidget")
    if front != back:
        cause = f"anywidget is {back} in the kernel and {front} in JupyterLab"
        raise Trouble(cause, f"run `{INSTALL}` {WHERE}, start JupyterLab from there, and reload the page")
    return f"anywidget {version('anywidget')} and ipywidgets {version('ipywidgets')} in JupyterLab {lab}"


def extension_version(name: str) -> str:
    """The version of an extension that JupyterLab finds, "" where it finds none."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        package = Path(folder) / name / "package.json"
        if package.exists():
            return str(json.loads(package.read_text(encoding="utf-8"))["version"])
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "Python": check_python,
    "packages": check_packages,
    "imports": check_imports,
    "libzmq": check_libzmq,
    "loopback": check_loopback,
    "relay": check_relay,
    "widgets": check_widgets,
}
