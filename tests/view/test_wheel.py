"""Who installs the wheel gets the bundle too, and none of what it is made from."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def setuptools_will_do() -> bool:
    """Is the setuptools here that pyproject.toml asks for? pip would fetch it, but tests do without the network."""
    return find_spec("setuptools") is not None and int(version("setuptools").split(".")[0]) >= 77


def test_the_bundle_is_declared_and_its_sources_are_not():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    view = ROOT / "zmqlab" / "view"
    files = {
        path.relative_to(view).as_posix()
        for glob in declared["package-data"]["zmqlab.view"]
        for path in view.glob(glob)
    }
    assert files == {"static/flow.js", "static/flow.css"}


@pytest.mark.skipif(not setuptools_will_do(), reason="pip install 'setuptools>=77'")
def test_the_wheel_carries_the_bundle(tmp_path: Path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "zmqlab", tree / "zmqlab", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        "out",
        ".",
    ]
    done = subprocess.run(pip, cwd=tree, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "out").glob("*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    assert {"zmqlab/view/static/flow.js", "zmqlab/view/static/flow.css", "zmqlab/view/widget.py"} <= files
    assert not any("/js/" in name or name.endswith("package.json") for name in files)
