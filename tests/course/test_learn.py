"""`python -m zmqlab learn`: one command from the installation to lesson 00."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.notebooks import markdown
from tests.notebooks.address import home
from tests.notebooks.run import read
from zmqlab import extras
from zmqlab.course import learn

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 30.0  # seconds


def test_the_copy_has_all_lessons_and_what_they_link_to(tmp_path):
    folder = learn.copy(learn.lessons(), tmp_path / "mine")
    assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} == {
        path.name for path in (folder / "notebooks").glob("*.ipynb")
    }
    assert (folder / "README.md").is_file()
    assert (folder / "notebooks" / "glossary.md").is_file()
    assert list((folder / "notebooks" / "images").glob("*.svg"))
    assert not (folder / "notebooks" / "shop").exists()


def test_what_the_learner_has_changed_is_kept(tmp_path):
    learn.copy(learn.lessons(), tmp_path)
    (tmp_path / learn.FIRST).write_text("mine", encoding="utf-8")
    (tmp_path / "README.md").unlink()
    learn.copy(learn.lessons(), tmp_path)
    assert (tmp_path / learn.FIRST).read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "README.md").is_file()


def test_no_link_of_the_copy_leads_to_a_file_that_was_not_copied(tmp_path):
    """Each is one of the copy, or is at the repository under the path that it has there."""
    folder = learn.copy(learn.lessons(), tmp_path / "mine")
    left = []
    for path in [*folder.rglob("*.md"), *folder.rglob("*.ipynb")]:
        for link in markdown.links(markdown.markdown_of(read(path)) if path.suffix == ".ipynb" else path.read_text()):
            place = unquote(link.target.partition("#")[0])
            inside = place.removeprefix(f"{home()}/blob/main/")
            there = ROOT / inside if inside != place else path.parent / place
            if not place.startswith("http") or inside != place:
                left += [] if there.exists() else [(path.name, link.target)]
    assert left == []


def test_half_a_lesson_is_never_left(tmp_path, monkeypatch):
    """Else it would be taken for the learner's own, and kept, when there is room again."""
    written = Path.write_bytes

    def no_room(path: Path, content: bytes) -> int:
        if path.name.startswith("00-"):
            written(path, content[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(
        learn.NotReady, match=r"00-start-here.ipynb cannot be written \(No space left on device\): make"
    ):
        learn.copy(learn.lessons(), tmp_path)
    assert list(tmp_path.rglob("00-*.ipynb*")) == []
    monkeypatch.undo()
    learn.copy(learn.lessons(), tmp_path)
    assert json.loads((tmp_path / learn.FIRST).read_bytes())["cells"]


def test_a_lesson_is_as_jupyterlab_would_save_it(tmp_path):
    """Without that it has unsaved changes as soon as it is opened; `tests/browser/test_learn.py` looks."""
    before = json.loads((ROOT / learn.FIRST).read_text(encoding="utf-8"))
    after = json.loads(learn.opened_once(ROOT / learn.FIRST, lambda link: link[0]))
    assert after["metadata"]["language_info"]["version"].startswith(f"{sys.version_info.major}.")
    folded = [cell for cell in after["cells"] if cell["metadata"].get("collapsed")]
    assert len(folded) == sum("outputs_hidden" in str(cell["metadata"]) for cell in before["cells"]) > 0
    assert [cell["source"] for cell in after["cells"]] == [cell["source"] for cell in before["cells"]]


def test_a_mistake_names_its_cure(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    assert learn.main([str(tmp_path / "file")]) == 2
    assert "is a file: name a folder" in capsys.readouterr().err
    monkeypatch.setattr(extras, "COURSE", ("jupyterlab", "no_such_package"))
    assert learn.main([str(tmp_path)]) == 2
    assert 'no_such_package, which is not installed: python -m pip install "zmqlab[course]"' in capsys.readouterr().err
    assert not (tmp_path / "notebooks").exists(), "nothing is written then"


@pytest.mark.parametrize(("user", "told"), [(0, True), (1000, False)])
def test_root_in_a_container_needs_no_option(monkeypatch, user, told):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    options = learn._parser().parse_args(["there", "--port", "9999", "--no-browser"])
    arguments = learn.jupyterlab(Path("there"), options)
    assert ("--allow-root" in arguments) == told
    assert {"--ServerApp.root_dir=there", "--no-browser", "--ServerApp.port=9999"} <= set(arguments)


def test_jupyterhub_starts_a_learners_server_with_it(tmp_path, monkeypatch):
    """`python -m tests.classroom hub` does it with a real hub."""
    became: list[list[str]] = []
    monkeypatch.setattr(learn, "become", became.append)
    monkeypatch.setattr(learn, "trust", lambda folder: None)
    monkeypatch.setattr("jupyterlab.labapp.main", lambda arguments: None)
    learn.main([str(tmp_path), "--hub", "--MappingKernelManager.cull_idle_timeout=60"])
    assert (tmp_path / learn.FIRST).is_file()
    assert became[0][1:3] == ["-m", "jupyterhub.singleuser"]
    assert {"--MappingKernelManager.cull_idle_timeout=60", f"--ServerApp.default_url={learn.LESSON}"} <= set(became[0])


def test_an_option_that_is_none_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        learn.main([str(tmp_path / "mine"), "--prot=1"])
    assert "there is no option --prot=1" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT for one process")
def test_the_command_prints_the_address_of_lesson_00_and_ends_with_ctrl_c(tmp_path):
    own = {"JUPYTER_CONFIG_DIR": "c", "JUPYTER_DATA_DIR": "d", "JUPYTER_RUNTIME_DIR": "r", "HOME": "."}
    env = os.environ | {name: str(tmp_path / folder) for name, folder in own.items()} | {"PYTHONUNBUFFERED": "1"}
    line = [sys.executable, "-m", "zmqlab", "learn", str(tmp_path / "mine"), "--no-browser"]
    running = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert running.stdout
        said = ""
        for text in running.stdout:
            said += text
            if found := re.search(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/00-start-here\.ipynb\?token=\w+", text):
                break
        assert found, said
        assert f"Your copy of the lessons is in {tmp_path / 'mine' / 'notebooks'}." in said
        assert status(found[0]) == 200
        running.send_signal(signal.SIGINT)
        running.wait(DEADLINE)
    finally:
        running.kill()
        running.communicate()


def status(url: str) -> int:
    """JupyterLab prints its address a moment before it listens there."""
    late = time.monotonic() + DEADLINE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            if time.monotonic() > late:
                raise
            time.sleep(0.05)
