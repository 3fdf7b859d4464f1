"""The project's own files agree with each other, and what they promise is there."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import zmqlab
from tests.layers import LAYERS
from tests.notebooks import markdown
from tests.notebooks.paths import lessons, number
from tests.notebooks.run import read
from zmqlab import extras

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = [ROOT / name for name in ("requirements.txt", "tests/requirements.txt", "tests/constraints.txt")]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands() -> list[str]:
    """The one-line commands of the README, with the clone before them."""
    return [block.strip() for block in re.findall(r"```bash\n(.*?)```", text("README.md"), re.DOTALL)]


def test_the_readme_has_the_two_commands_each_complete_in_one_line() -> None:
    clone, start, test = commands()
    assert clone.startswith("git clone")
    for command in (start, test):
        assert "\n" not in command
        assert command.startswith("python3 -m venv --upgrade-deps .venv && .venv/bin/python -m pip install -r ")
    assert start.endswith(".venv/bin/python -m zmqlab learn")
    assert test.endswith(".venv/bin/python -m pytest -n 5")


def test_ci_runs_the_command_of_the_readme() -> None:
    lines = [line.strip() for line in text(".ci/run").splitlines()]
    assert commands()[-1] in lines


def test_the_workflow_runs_what_can_be_run_at_home() -> None:
    runs = re.findall(r"run: (.*)", text(".github/workflows/ci.yml"))
    assert runs[:2] == [".ci/run", ".ci/coverage"]
    paths = [word for run in runs for word in run.split() if word.startswith("tests/")]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
    commands = {command for run in runs for command in re.findall(r"python -m (tests\.\w+)", run)}
    assert {command for command in commands if not (ROOT / command.replace(".", "/")).is_dir()} == set()
    oldest = re.findall(r"jupyterlab>=([\d.]+)", text("pyproject.toml"))
    assert re.findall(r"jupyterlab==([\d.]+)\.\*", " ".join(runs)) == oldest


def test_binder_has_the_notebook_7_that_is_tested() -> None:
    """Its image brings an older one, in which ``/notebooks/…`` does not open with this JupyterLab."""
    (tested,) = re.findall(r"^notebook==.*$", text("tests/requirements.txt"), re.MULTILINE)
    assert tested in text("binder/requirements.txt").split()


@pytest.mark.skipif(os.name == "nt", reason="Windows files have no executable bit")
@pytest.mark.parametrize("script", [".ci/run", ".ci/coverage", "binder/postBuild"])
def test_scripts_can_be_run_and_stop_at_errors(script: str) -> None:
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in text(script)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def pins(path: Path) -> dict[str, str]:
    """Package and version of every line that names one."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            name, _, version = line.partition("==")
            found[normal(name)] = version
    return found


def normal(name: str) -> str:
    """As pip compares the names of packages."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_requirement_is_pinned_exactly(path: Path) -> None:
    assert pins(path)
    assert {name: version for name, version in pins(path).items() if not re.fullmatch(r"[\w.]+", version)} == {}


def test_no_package_is_pinned_in_two_places() -> None:
    names = [name for path in REQUIREMENTS for name in pins(path)]
    assert len(names) == len(set(names))


def test_what_the_package_needs_is_pinned() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    needs = {need for needs in (project["dependencies"], *project["optional-dependencies"].values()) for need in needs}
    assert {"pyzmq", "psutil", "zmqlab"} <= (names := {normal(re.split(r"[<>=[]", need)[0]) for need in needs})
    course = pins(ROOT / "requirements.txt").keys()
    assert names - {"zmqlab"} <= course | pins(ROOT / "tests" / "requirements.txt").keys()
    assert names - {"zmqlab", "prometheus-client"} <= course  # no lesson needs the broker's metrics


def test_what_the_course_asks_for_is_what_its_extra_installs() -> None:
    extra = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    names = {normal(re.split(r"[<>=[]", need)[0]) for need in (*extra["course"], *extra["lab"])}
    assert {normal(name) for name in extras.COURSE} == names - {"zmqlab"}


def test_the_changelog_ends_with_the_version_that_the_package_has() -> None:
    headings = re.findall(r"^## (.*)", text("docs/CHANGELOG.md"), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased") == zmqlab.__version__
    assert "Unreleased" not in headings[1:]


PAGE = text("docs/architecture.md")
WORDS = re.findall(r"^\| ([a-z ]+) \| [A-Z][^|]*\| `([^`]+)` \|$", PAGE, re.MULTILINE)


def test_the_page_of_the_architecture_names_what_is_there() -> None:
    paths = set(re.findall(r"`((?:zmqlab|tests)/[^`]*)`", PAGE))
    assert len(paths) > 40
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_house_is_on_the_page_of_the_architecture() -> None:
    assert set(re.findall(r"^\| `zmqlab/([\w/]+)/` \|", PAGE, re.MULTILINE)) == set(LAYERS)


@pytest.mark.parametrize(("word", "place"), WORDS)
def test_a_house_word_is_used_where_the_page_says(word: str, place: str) -> None:
    assert re.search(rf"\b{word}s?\b", text(place), re.IGNORECASE)


def test_no_house_word_is_explained_twice() -> None:
    words = [word for word, _ in WORDS]
    assert len(words) > 30
    assert len(words) == len(set(words))


def test_before_a_commit_runs_what_ci_runs() -> None:
    hooks = re.findall(r"entry: (\S+(?: \w+)?)", text(".pre-commit-config.yaml"))
    assert hooks == [".venv/bin/ruff check", ".venv/bin/ruff format", ".venv/bin/mypy", "npm"]
    assert [hook for hook in hooks if hook not in text(".ci/run")] == []


def test_the_lessons_folder_holds_nothing_that_a_run_has_left() -> None:
    listed = subprocess.run(["git", "ls-files", "notebooks"], cwd=ROOT, capture_output=True, text=True, check=True)
    lesson = r"(\d\d|[A-Z])-[a-z-]+"
    image = rf"images/([a-z-]+|{lesson})\.(gif|png|svg)"
    wanted = rf"notebooks/({lesson}\.ipynb|\.ruff\.toml|[a-z]+\.md|{image})"
    assert [name for name in listed.stdout.splitlines() if not re.fullmatch(wanted, name)] == []


def test_the_readme_has_every_lesson_in_its_order() -> None:
    rows = re.findall(r"^\| (\w+) \| \[([^]]+)\]\(([^)]+)\) \|", text("README.md"), re.MULTILINE)
    wanted = [(number(path), title(path), path.relative_to(ROOT).as_posix()) for path in lessons()]
    assert rows == wanted, "the table under '## Lessons' of the README: a row for each lesson, with its own title"


def test_the_readme_has_the_time_that_each_lesson_says() -> None:
    """Minutes to read and run, and those of the exercise."""
    found = re.findall(r"^\| \w+ \| \[[^]]+\]\([^)]+\) \| ([\d +]+) min \|", text("README.md"), re.MULTILINE)
    wanted = [minutes(str(read(path).cells[0].source)) for path in lessons()]
    assert found == wanted, "the table under '## Lessons' of the README: the minutes that each first cell says"


def minutes(said: str) -> str:
    """``"30 + 70"``, of "30 minutes to read and run, an hour for your broker, and 10 minutes for the quiz"."""
    (words,) = re.findall(r"\*\*Time:\*\*(.*?)\*\*You need", said, re.DOTALL)
    first, *more = map(int, re.findall(r"\d+", words.replace("an hour", "60")))
    return f"{first} + {sum(more)}" if more and "no exercise:" not in words else str(first)


def title(path: Path) -> str:
    return markdown.headings(read(path).cells[0].source)[0].text


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/CHANGELOG.md",
        "docs/architecture.md",
        "docs/operations.md",
        "docs/lab.md",
        "docs/recording.md",
        "docs/teaching.md",
        "notebooks/cheatsheet.md",
        "notebooks/glossary.md",
        "notebooks/misconceptions.md",
        "notebooks/patterns.md",
        "notebooks/teaching.md",
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    own = markdown.anchors(text(name), github=True)
    broken = []
    for link in markdown.links(text(name)):
        parts = urlsplit(link.target)
        if parts.scheme:
            continue
        there = (ROOT / name).parent / unquote(parts.path)
        if not there.exists() or (not parts.path and parts.fragment not in own):
            broken.append(link.target)
    assert broken == []


def test_the_bundles_lock_names_no_host() -> None:
    assert '"resolved"' not in text("zmqlab/view/package-lock.json")
