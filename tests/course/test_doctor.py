"""Each check is broken on purpose: it says what is wrong and what mends it, and the others still run."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zmq

from zmqlab import extras
from zmqlab.course import doctor as doctor_module
from zmqlab.course import machine
from zmqlab.course.doctor import CHECKS, Trouble, doctor
from zmqlab.lab.lab import Lab
from zmqlab.lab.printed import WIDTH
from zmqlab.lab.spawn import RelayError
from zmqlab.lab.wiring import Wiring
from zmqlab.sockets.traced import TracedSocket

Break = Callable[[pytest.MonkeyPatch, Path], None]


def old_python(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(sys, "version_info", (3, 10, 4, "final", 0))


def other_version(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "requirements.txt").write_text("# tested\n-c constraints.txt\npyzmq==1.0\nno-such-thing==2\n")
    patch.setattr(doctor_module, "REQUIREMENTS", folder / "requirements.txt")


def no_clone(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(doctor_module, "REQUIREMENTS", folder / "requirements.txt")
    patch.setattr(extras, "COURSE", ("no-such-thing",))


def cut_short(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """As Python leaves it: the package is gone, a part of it is there."""
    (folder / "half.py").write_text("raise AttributeError('half')")
    patch.syspath_prepend(str(folder))
    patch.setitem(sys.modules, "half.part", ModuleType("half.part"))
    patch.setattr(doctor_module, "LONG_IMPORTS", {"half": "half"})


def old_libzmq(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(zmq, "zmq_version_info", lambda: (4, 2, 5))


def no_curve(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(zmq, "has", lambda feature: False)


def no_loopback(patch: pytest.MonkeyPatch, _: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("blocked")

    patch.setattr(socket, "create_connection", refuse)


def nothing_arrives(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(doctor_module, "SECONDS", 0.05)
    patch.setattr(TracedSocket, "poll", lambda *_: 0)


def nothing_reported(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(Lab, "messages", lambda self: [])


def no_relay(patch: pytest.MonkeyPatch, _: Path) -> None:
    def fail(self: Wiring) -> None:
        raise RelayError("the relay process ended at once")

    patch.setattr(Wiring, "relay", fail)


def broken_library(patch: pytest.MonkeyPatch, _: Path) -> None:
    def fail(self: Wiring) -> None:
        raise zmq.ZMQError(zmq.EMTHREAD)

    patch.setattr(Wiring, "relay", fail)


def colab(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setenv("COLAB_RELEASE_TAG", "release")


def version_is(package: str, version: str) -> Break:
    known = doctor_module.version
    return lambda patch, _: patch.setattr(
        doctor_module, "version", lambda name: version if name == package else known(name)
    )


def no_extension(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(folder)])


BREAKS: list[tuple[str, Break, str, str]] = [
    ("Python", old_python, "this is Python 3.10; the course needs 3.11", "install Python 3.11"),
    ("packages", other_version, "(tested: 1.0), no-such-thing is missing (tested: 2)", "pip install -r"),
    ("packages", no_clone, "no-such-thing is missing", "zmqlab[course]"),
    ("imports", cut_short, "half cannot be imported any more (AttributeError: half)", "restart the kernel"),
    ("libzmq", old_libzmq, "too old", "--force-reinstall"),
    ("libzmq", no_curve, "without CURVE", "--force-reinstall"),
    ("loopback", no_loopback, "no connection over 127.0.0.1 (blocked)", "firewall"),
    ("relay", nothing_arrives, "did not arrive within 0.05 s", "links=False"),
    ("relay", nothing_reported, "did not report it", "links=False"),
    ("relay", no_relay, "the relay process ended at once", "links=False"),
    ("relay", broken_library, "ZMQError: ", "pip install -r"),
    ("widgets", colab, "Colab", "JupyterLab"),
    ("widgets", version_is("jupyterlab", "3.6.1"), "JupyterLab 3.6.1; the course needs 4", "pip install -r"),
    ("widgets", version_is("jupyterlab", ""), "no JupyterLab", "pip install -r"),
    ("widgets", version_is("anywidget", "0.9.0"), "0.9.0 in the kernel", "reload the page"),
    ("widgets", no_extension, "no extension anywidget", "reload the page"),
]


def paragraphs(printed: str) -> list[str]:
    """Each that was broken into lines as one line. The cure is a paragraph of its own."""
    whole: list[str] = []
    for line in printed.splitlines():
        if line.startswith(" " * 8) and not line.strip().startswith("To mend it: "):
            whole[-1] += " " + line.strip()
        else:
            whole.append(line)
    return whole


def test_all_is_well_here(capsys: pytest.CaptureFixture[str]) -> None:
    doctor()
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines()[:-1])) <= WIDTH
    lines = paragraphs(printed)
    assert [line.partition(":")[0] for line in lines[:-2]] == [f"ok      {name}" for name in CHECKS]
    assert lines[-2] == "All is well."
    assert lines[-1].startswith("This machine: Python 3.")


def test_it_says_the_same_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Lesson 00 saves it."""
    doctor()
    first = capsys.readouterr().out
    doctor()
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("name", "damage", "cause", "cure"), BREAKS, ids=[f"{name}-{damage.__name__}" for name, damage, *_ in BREAKS]
)
def test_a_failing_check_names_cause_and_cure_and_stops_no_other(
    name: str,
    damage: Break,
    cause: str,
    cure: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Only the one check is real: here, the others must be called, not do their work again.
    others = {other: lambda: "fine" for other in CHECKS if other != name}
    for other, check in others.items():
        monkeypatch.setitem(CHECKS, other, check)
    damage(monkeypatch, tmp_path)
    doctor()
    lines = paragraphs(capsys.readouterr().out)
    at = next(number for number, line in enumerate(lines) if line.startswith(f"NOT OK  {name}: "))
    assert cause in lines[at]
    assert lines[at + 1].startswith("        To mend it: ")
    assert cure in lines[at + 1]
    assert sum(line.startswith("ok      ") for line in lines) == len(CHECKS) - 1
    assert lines[-2] == f"1 of {len(CHECKS)} checks found something wrong."


def test_every_check_was_broken() -> None:
    assert {name for name, *_ in BREAKS} == set(CHECKS)


def test_trouble_has_its_cause_as_text() -> None:
    assert str(Trouble("cause", "cure")) == "cause"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BINDER_LAUNCH_HOST": "x", "JUPYTERHUB_USER": "x"}, "on Binder: download"),
        ({"JUPYTERHUB_USER": "x"}, "on a JupyterHub"),
    ],
)
def test_the_place_is_named(environment: dict[str, str], words: str) -> None:
    assert words in machine.describe(environment)


def test_a_container_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CONTAINER_MARKS", (tmp_path / "mark",))
    assert machine.place({}) == []
    (tmp_path / "mark").touch()
    assert machine.place({}) == ["in a container"]


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "CGROUP_LIMIT", limit)
    whole = machine.memory()
    limit.write_text("max\n")
    assert machine.memory() == whole
    limit.write_text(f"{2**20}\n")
    assert machine.memory() == 2**20
