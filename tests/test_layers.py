"""The layers hold, and the check sees it where they do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.layers import circles, violations

ROOT = Path(__file__).resolve().parents[1]


def test_every_module_imports_only_what_its_layer_may() -> None:
    assert violations(ROOT / "zmqlab") == []


@pytest.mark.parametrize(
    ("place", "source", "found"),
    [
        ("trace/log.py", "import zmq", "trace/log.py:1: trace may not import zmq"),
        ("trace/log.py", "def f():\n    from ..lab import lab", "trace/log.py:2: trace may not import zmqlab.lab"),
        ("trace/deep/a.py", "from ...view import svg", "trace/deep/a.py:1: trace may not import zmqlab.view"),
        ("view/svg.py", "import IPython.display", "view/svg.py:1: view may not import IPython.display"),
        ("view/svg.py", "from zmqlab.lab.lab import Lab", "view/svg.py:1: view may not import zmqlab.lab.lab"),
        ("view/svg.py", "from .. import lab", "view/svg.py:1: view may not import zmqlab.lab"),
        ("lab/lab.py", "import zmqlab", "lab/lab.py:1: lab may not import zmqlab"),
        ("lab/lab.py", "from ..course import check", "lab/lab.py:1: lab may not import zmqlab.course"),
        (
            "majordomo/broker.py",
            "from ..trace import Log",
            "majordomo/broker.py:1: majordomo may not import zmqlab.trace",
        ),
        (
            "course/scenes/play.py",
            "from ..check import check",
            "course/scenes/play.py:1: course/scenes may not import zmqlab.course.check",
        ),
        ("extra/a.py", "", "extra/a.py: extra is no layer; name it in tests/layers.py"),
    ],
)
def test_a_wrong_import_is_seen(place: str, source: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert violations(tmp_path) == [found]


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("trace/log.py", "import json\nfrom .events import clip\nfrom . import model"),
        ("view/widget.py", "import anywidget\nfrom ..trace import Trace"),
        ("lab/lab.py", "import zmq.asyncio\nfrom ..view import view"),
        ("course/check.py", "from . import exercises\nfrom .scenes.play import Play"),
        ("course/scenes/play.py", "from . import silence\nfrom ...lab.lab import Lab"),
        ("__init__.py", "from .lab.lab import Lab"),
    ],
)
def test_a_right_import_passes(place: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    assert violations(tmp_path) == []


def test_no_modules_import_each_other() -> None:
    assert circles(ROOT / "zmqlab") == []


def package(root: Path, **modules: str) -> Path:
    """A package whose modules are `modules`: ``lab_a`` is ``lab/a.py``."""
    for name, source in modules.items():
        path = root.joinpath(*name.split("_")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (root / "__init__.py").write_text("from .lab import a")
    return root


TYPES_ALONE = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import A"


@pytest.mark.parametrize(
    ("modules", "found"),
    [
        ({"lab_a": "from .b import B", "lab_b": "def f():\n    from . import a"}, [["zmqlab.lab.a", "zmqlab.lab.b"]]),
        ({"lab_a": "from .b import B", "lab_b": TYPES_ALONE}, [["zmqlab.lab.a", "zmqlab.lab.b"]]),
        (
            {"lab_a": "from ..view.b import B", "view_b": "import zmqlab.view.c", "view_c": "from ..lab.a import A"},
            [["zmqlab.lab.a", "zmqlab.view.b", "zmqlab.view.c"]],
        ),
        ({"lab_a": "from .b import B\nfrom . import c", "lab_b": "from .c import C", "lab_c": "import zmq"}, []),
        ({"lab_a": "from .b import B", "lab_b": "from .. import Lab"}, []),  # which the package loads when it is used
    ],
)
def test_a_circle_is_seen(modules: dict[str, str], found: list[list[str]], tmp_path: Path) -> None:
    assert circles(package(tmp_path, **modules)) == found


def run(code: str, blocked: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter in which the modules `blocked` cannot be imported."""
    block = f"import sys\nfor name in {blocked.split()!r}: sys.modules[name] = None\n"
    return subprocess.run([sys.executable, "-c", block + code], cwd=ROOT, capture_output=True, text=True, timeout=60)


NOTEBOOK = "anywidget IPython ipywidgets traitlets"


PICTURE = """
from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace
from zmqlab.view import picture
picture(Trace(Log()))._repr_mimebundle_()
"""


@pytest.mark.parametrize("code", ["import zmqlab", "import zmqlab.relay.__main__", "import zmqlab.majordomo", PICTURE])
def test_imports_without_a_notebook(code: str) -> None:
    done = run(code, blocked=NOTEBOOK)
    assert done.returncode == 0, done.stderr


def test_the_trace_and_its_pictures_do_without_zmq() -> None:
    done = run(PICTURE, blocked="zmq")
    assert done.returncode == 0, done.stderr


def test_the_block_blocks() -> None:
    assert "ModuleNotFoundError" in run("from zmqlab.view.widget import FlowView", blocked=NOTEBOOK).stderr


# The relay is started while a learner waits; the broker runs where there is no notebook.
@pytest.mark.parametrize("module", ["zmqlab.relay.__main__", "zmqlab.majordomo.__main__"])
def test_a_process_loads_the_standard_library_and_zmq_alone(module: str) -> None:
    done = run(
        f"import sys, zmq; before = set(sys.modules); import {module}\n"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names) - {'zmq'})"
    )
    assert done.stdout.split() == ["zmqlab"], done.stderr
