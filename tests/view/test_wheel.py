"""Who installs the wheel gets the bundle too, and none of what it is made from."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_carries_the_bundle(tmp_path: Path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "zmqlab", tree / "zmqlab", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    # pip fetches the setuptools that pyproject.toml asks for, unless it is here already.
    here = int(version("setuptools").split(".")[0]) >= 77 if find_spec("setuptools") else False
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "out", "."]
    done = subprocess.run(
        [*pip, *(["--no-build-isolation"] if here else [])],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "out").glob("*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    assert {"zmqlab/view/static/flow.js", "zmqlab/view/static/flow.css", "zmqlab/view/widget.py"} <= files
    assert not any("/js/" in name or name.endswith("package.json") for name in files)
