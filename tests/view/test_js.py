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
    tests = sorted(map(str, (ROOT / "tests" / "js").rglob("*.test.mjs")))
    assert tests
    done = run(node(), "--test", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `npm run check` says there: of the bundle, of the types, and of the format."""
    npm = shutil.which("npm")
    if not npm or not (VIEW / "node_modules" / "typescript").is_dir():
        missing('npm, esbuild, typescript or prettier is not there: run "npm ci" in zmqlab/view')
    return run(str(npm), "run", "--silent", "check", cwd=folder)


def test_the_bundle_is_what_its_sources_give_and_they_are_checked():
    done = checked(VIEW)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('\nglobalThis.more = "more";\n', "npm ci && npm run build"),
        ("\n/** @typedef {Missing} Wrong */\n", "Cannot find name 'Missing'"),
        ("\n\n\n", "Code style issues"),
    ],
)
def test_what_is_wrong_is_noticed(more: str, said: str, tmp_path: Path):
    copy = tmp_path / "zmqlab" / "view"
    shutil.copytree(VIEW, copy, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for others in ("tests/js", "zmqlab/course/js", "zmqlab/course/static"):
        shutil.copytree(ROOT / others, tmp_path / others)
    (copy / "node_modules").symlink_to(VIEW / "node_modules", target_is_directory=True)
    with (copy / "js" / "model" / "words.js").open("a", encoding="utf-8") as source:
        source.write(more)
    done = checked(copy)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "static/flow.js",
        "static/flow.css",
        "labextension/beside.js",
        "../course/static/predict.js",
        "../course/static/recall.js",
    ],
)
def test_the_bundle_fetches_nothing(name: str):
    text = (VIEW / name).read_text(encoding="utf-8")
    text = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    for reach in ("http://", "https://", "@import", "url(", "import(", "innerHTML", "eval("):
        assert reach not in text, reach


def test_the_lock_file_names_no_registry():
    lock = (VIEW / "package-lock.json").read_text(encoding="utf-8")
    assert "integrity" in lock
    assert "resolved" not in lock
