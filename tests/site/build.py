"""Lay out the sources of the site, run the lessons, and let Sphinx make it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import nbformat
from sphinx.application import Sphinx

from tests.notebooks.address import home
from tests.notebooks.paths import ROOT, lessons
from tests.notebooks.run import read
from tests.notebooks.tryout import AT_ONCE
from tests.site.lessons import for_the_site, mend_links
from tests.site.recorded import execute

PAGES = ("README.md", "CONTRIBUTING.md", "zmqlab/majordomo/PROTOCOL.md", "notebooks/*.md", "docs/*.md")
CONTENTS = """
```{toctree}
:hidden:
:caption: Lessons

%s
```

```{toctree}
:hidden:
:caption: Beside the lessons

notebooks/cheatsheet
notebooks/patterns
notebooks/glossary
notebooks/misconceptions
```

```{toctree}
:hidden:
:caption: For who teaches

notebooks/teaching
docs/teaching
```

```{toctree}
:hidden:
:caption: The package

docs/lab
docs/recording
docs/operations
zmqlab/majordomo/PROTOCOL
docs/api
docs/architecture
CONTRIBUTING
docs/CHANGELOG
```
"""


def build(folder: Path) -> list[str]:
    """Make the site in that folder, which is emptied. Returns what Sphinx warns of."""
    with TemporaryDirectory() as temporary:
        source = Path(temporary) / "source"
        lay_out(source)
        shutil.rmtree(folder, ignore_errors=True)
        warnings = io.StringIO()
        sphinx = Sphinx(
            str(source), str(source), str(folder), str(Path(temporary) / "doctrees"), "html",
            status=None, warning=warnings,
        )  # fmt: skip
        sphinx.build(force_all=True)
    return warnings.getvalue().splitlines()


def lay_out(source: Path) -> None:
    """As in the repository, so that links between the pages hold; README is the first page."""
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks" / "images", source / "notebooks" / "images")
    shutil.copytree(ROOT / "docs" / "_static", source / "_static")
    shutil.copy(ROOT / "docs" / "conf.py", source)
    paths, repository = lessons(), home()
    for page in (page for pattern in PAGES for page in ROOT.glob(pattern)):
        where = PurePosixPath(page.relative_to(ROOT).as_posix())
        text = mend_links(page.read_text(encoding="utf-8"), where.parent, repository)
        if where.name == "README.md":
            where, text = PurePosixPath("index.md"), text + contents(paths)
        (source / where).parent.mkdir(parents=True, exist_ok=True)
        (source / where).write_text(text, encoding="utf-8")
    with ThreadPoolExecutor(AT_ONCE) as several:
        list(several.map(lambda path: lesson(path, source, repository), paths))


def contents(paths: Iterable[Path]) -> str:
    """The menu of the site."""
    return CONTENTS % "\n".join(f"{path.stem[:2].rstrip('-')} {title(path)} <notebooks/{path.stem}>" for path in paths)


def title(path: Path) -> str:
    """What that lesson is called."""
    first = str(read(path).cells[0].source)
    return first.splitlines()[0].removeprefix("# ")


def lesson(path: Path, source: Path, repository: str) -> None:
    """Run that lesson, and write its page and its players."""
    notebook = execute(read(path), path.parent, source / "players" / "notebooks" / path.stem)
    for_the_site(notebook, path.stem, repository)
    nbformat.write(notebook, source / "notebooks" / path.name)
