"""The browser's side: its own tests pass, and the bundle in the tree is what its sources give."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VIEW = ROOT / "zmqlab" / "view"


def node() -> str:
    """Node from the PATH, or the one that Playwright brings along."""
    found = shutil.which("node")
    if found:
        return found
    try:
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        missing("neither node nor playwright is there: pip install -r tests/requirements.txt")
    return str(compute_driver_executable()[0])


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def test_the_tests_in_javascript():
    tests = sorted(map(str, (ROOT / "tests" / "js").glob("*.test.mjs")))
    assert tests
    done = run(node(), "--test", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundle_is_what_its_sources_give():
    if not (VIEW / "node_modules" / "esbuild").is_dir():
        missing('esbuild is not there: run "npm ci" in zmqlab/view')
    done = run(node(), "build.js", "--check", cwd=VIEW)
    assert done.returncode == 0, done.stderr


def test_a_stale_bundle_is_noticed(tmp_path: Path):
    if not (VIEW / "node_modules" / "esbuild").is_dir():
        missing('esbuild is not there: run "npm ci" in zmqlab/view')
    copy = tmp_path / "view"
    shutil.copytree(VIEW, copy, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (copy / "node_modules").symlink_to(VIEW / "node_modules", target_is_directory=True)
    with (copy / "js" / "words.js").open("a", encoding="utf-8") as source:
        source.write('\nglobalThis.more = "more";\n')
    done = run(node(), "build.js", "--check", cwd=copy)
    assert done.returncode == 1
    assert "npm ci && npm run build" in done.stderr


@pytest.mark.parametrize("name", ["flow.js", "flow.css"])
def test_the_bundle_fetches_nothing(name: str):
    text = (VIEW / "static" / name).read_text(encoding="utf-8")
    text = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    for reach in ("http://", "https://", "@import", "url(", "import(", "innerHTML", "eval("):
        assert reach not in text, reach


def test_the_lock_file_names_no_registry():
    lock = (VIEW / "package-lock.json").read_text(encoding="utf-8")
    assert "integrity" in lock
    assert "resolved" not in lock
