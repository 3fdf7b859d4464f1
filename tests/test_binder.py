"""What Binder would build: the plan of its own repo2docker, made without Docker."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
repo2docker = pytest.importorskip("repo2docker.app", reason="pip install -r tests/requirements.txt")


def test_binder_installs_the_course_with_the_python_that_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    plan = next(plan for make in repo2docker.Repo2Docker().buildpacks if (plan := make("image")).detect())
    assert type(plan).__name__ == "PythonBuildPack", "another one would read other files"
    assert plan.python_version == "3.12"
    (install,) = [command for _, command in plan.get_assemble_scripts()]
    assert install.endswith('pip install --no-cache-dir -r "binder/requirements.txt"')
    assert plan.get_preassemble_scripts() == [], "the versions are read when the whole clone is there"
    assert plan.get_post_build_scripts() == ["binder/postBuild"]


def test_all_files_that_pip_reads_there_are_there() -> None:
    """Each is named from where the line stands."""
    seen, waiting = set(), [ROOT / "binder" / "requirements.txt"]
    while waiting:
        path = waiting.pop().resolve()
        seen.add(path.relative_to(ROOT).as_posix())
        options = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("-")]
        waiting += [path.parent / name for option, name in options if option in ("-r", "-c")]
    assert seen == {"binder/requirements.txt", "requirements.txt", "tests/constraints.txt"}
