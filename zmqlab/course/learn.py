"""``python -m zmqlab learn``: a copy of the lessons, the learner's own, opened in JupyterLab."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from .. import extras
from ..trace import whole

FIRST = Path("notebooks") / "00-start-here.ipynb"
LESSON = f"/lab/tree/{FIRST.as_posix()}"
CLONE = Path(__file__).resolve().parents[2]
OWN = Path("zmqlab-course")
SETTINGS = Path(__file__).parent / "settings"  # defaults of the settings: no question about news
SHARED = "share/zmqlab/"  # where an installation has them
LINK = re.compile(r"\]\((?P<path>(?![a-z]+:|#)[^)\s#]+)")  # to a file
COPIED = ("README.md", "notebooks/*.ipynb", "notebooks/*.md", "notebooks/images/*")


become = partial(os.execv, sys.executable)  # this process, with its id and its signals, and another program


class NotReady(Exception):
    """The course cannot be opened; the text says why, and what helps."""


def main(arguments: Sequence[str]) -> int:
    """Open JupyterLab until it is ended; the exit status."""
    options, more = _parser().parse_known_args(arguments)
    if more and not options.hub:
        _parser().error(f"there is no option {' '.join(more)}")
    try:
        check()
        folder = copy(lessons(), options.folder.resolve())
    except (NotReady, OSError) as error:
        print(f"zmqlab: {error}", file=sys.stderr)
        return 2
    trust(folder)
    if options.hub:
        become([sys.executable, "-m", "jupyterhub.singleuser", *jupyterlab(folder, options), *more])
    print(f"Your copy of the lessons is in {folder / FIRST.parent}.")
    print(
        "JupyterLab opens lesson 00; where no browser opens, its address stands below. Ctrl-C, twice, ends it.",
        flush=True,
    )
    from jupyterlab.labapp import main as start

    start(jupyterlab(folder, options))
    return 0


def _parser() -> argparse.ArgumentParser:
    learn = argparse.ArgumentParser(
        prog="python -m zmqlab learn", description="Open the course in JupyterLab, at lesson 00."
    )
    learn.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=OWN,
        help=f"your copy of the lessons: made where there is none, and kept where there is one ({OWN})",
    )
    learn.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    learn.add_argument("--port", type=int, help="of JupyterLab, where 8888 shall not be tried")
    learn.add_argument(
        "--hub", action="store_true", help="for JupyterHub: the command with which it starts a learner's server"
    )
    return learn


def check() -> None:
    """All is here that the lessons need. Raises NotReady."""
    missing = [name for name in extras.COURSE if not find_spec(name)]
    if missing:
        raise NotReady(f"the course needs {', '.join(missing)}, which is not installed: {extras.cure('course')}")


def lessons() -> Path:
    """The folder that has README.md and notebooks/: the clone, or what was installed. Raises NotReady."""
    if (CLONE / FIRST).is_file():
        return CLONE
    for file in metadata.files("zmqlab") or []:
        if file.as_posix().endswith(SHARED + FIRST.as_posix()):
            return Path(str(file.locate())).resolve().parents[1]
    raise NotReady("there are no lessons beside the package: install it anew, or work in a clone")


def copy(source: Path, folder: Path) -> Path:
    """The lessons in that folder. A file that is there already is the learner's, and is kept. Raises NotReady."""
    if folder.exists() and not folder.is_dir():
        raise NotReady(f"{folder} is a file: name a folder, or one that is to be made")
    files = list(course_files(source))
    for file in files:
        target = folder / file.relative_to(source)
        if not target.exists():
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                whole.write(target, content(file, source, files))
            except OSError as error:
                raise NotReady(
                    f"{target} cannot be written ({error.strerror}): make room, or name another folder"
                ) from error
    return folder


def content(file: Path, source: Path, files: Sequence[Path]) -> bytes:
    """What the copy of that file has: a link to one that is not copied leads to the repository."""

    def led(link: re.Match[str]) -> str:
        there = (file.parent / link["path"]).resolve()
        if there in files or there in {one.parent for one in files}:
            return link[0]
        return f"]({home()}/blob/main/{there.relative_to(source).as_posix()}"

    if file.suffix == ".ipynb":
        return opened_once(file, led)
    if file.suffix == ".md":
        return LINK.sub(led, file.read_text(encoding="utf-8")).encode()
    return file.read_bytes()


def opened_once(path: Path, led: Callable[[re.Match[str]], str]) -> bytes:
    """A notebook with all that JupyterLab adds when it opens one: else it has unsaved changes before anybody typed."""
    from ipykernel.ipkernel import IPythonKernel

    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"] = IPythonKernel.language_info
    for cell in notebook["cells"]:
        if cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
            cell["metadata"]["collapsed"] = True
        if cell["cell_type"] == "markdown":
            cell["source"] = [LINK.sub(led, line) for line in cell["source"]]
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def home() -> str:
    """Where the repository is, as pyproject.toml says."""
    urls = dict(url.split(", ", 1) for url in metadata.metadata("zmqlab").get_all("Project-URL") or [])
    return str(urls["Homepage"])


def course_files(source: Path) -> Iterator[Path]:
    for pattern in COPIED:
        yield from sorted(source.glob(pattern))


def trust(folder: Path) -> None:
    """JupyterLab shows the saved pictures of these notebooks: whoever starts the course trusts its lessons."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted((folder / FIRST.parent).glob("*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))


def jupyterlab(folder: Path, options: argparse.Namespace) -> Sequence[str]:
    """The arguments: the folder, lesson 00, nothing that asks the network, and root as in a container."""
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={LESSON}",
        f"--LabApp.app_settings_dir={SETTINGS}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--log-level=WARN",
    ]
    if options.hub:
        arguments.append(f"--ServerApp.default_url={LESSON}")
    if options.no_browser:
        arguments.append("--no-browser")
    if options.port:
        arguments.append(f"--ServerApp.port={options.port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    return arguments
