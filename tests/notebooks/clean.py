"""What a saved notebook keeps: the same text for the same result, and nothing of the machine that made it."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tests.notebooks.paths import ROOT

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_CELL_METADATA = ("reason", "tags", "zmqlab")
ANSWER = re.compile(r"^\s*\w+\.answer\(", re.MULTILINE)
FOLDED_HEADING = "jp-MarkdownHeadingCollapsed"  # JupyterLab's and Notebook 7's name
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def clean(notebook: NotebookNode) -> NotebookNode:
    """Bring an executed notebook, in place, into the form in which it is committed."""
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python"))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: set[str] = set()
    for cell in notebook.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA})
        if gives_answer(cell):
            cell.metadata["jupyter"] = NotebookNode(outputs_hidden=True)
        if goes_deeper(cell):
            cell.metadata[FOLDED_HEADING] = True
        cell.id = _unique_id(cell, seen)
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
    return notebook


def gives_answer(cell: NotebookNode) -> bool:
    """Does it answer a prediction? Its saved output is folded, so that nobody reads the answer before the question.

    JupyterLab and Notebook 7 open the fold when the cell is run, and a click opens it for who reads without a kernel.
    nbval compares what is folded as strictly as the rest.
    """
    return bool(cell.cell_type == "code" and ANSWER.search(cell.source))


def goes_deeper(cell: NotebookNode) -> bool:
    """Does it head a section that the next lesson does not need? JupyterLab folds what stands below such a heading."""
    return bool(cell.cell_type == "markdown" and cell.source.startswith("## Going deeper"))


def clean_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a stream wrote in pieces, drop widget views, and shorten the paths in tracebacks."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            _append_stream(kept, output)
            continue
        if output.output_type == "error":
            output.traceback = [_without_paths(line) for line in output.traceback]
        elif "data" in output:
            output.data.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
        kept.append(output)
    return kept


def _append_stream(kept: list[NotebookNode], output: NotebookNode) -> None:
    # As nbval joins them: the order in which two streams interleave is chance.
    for earlier in kept:
        if earlier.output_type == "stream" and earlier.name == output.name:
            earlier.text += output.text
            return
    kept.append(output)


def _unique_id(cell: NotebookNode, seen: set[str]) -> str:
    """The cell's own id where it is a good one; else one made of its text, so that a refresh repeats it."""
    name = str(cell.get("id", ""))
    if not VALID_ID.fullmatch(name) or name in seen:
        name = hashlib.sha256(f"{len(seen)}{cell.source}".encode()).hexdigest()[:8]
    seen.add(name)
    return name


def _without_paths(text: str) -> str:
    packages = str(Path(sys.prefix) / "lib")
    for path, short in ((packages, "…"), (sys.base_prefix, "…"), (str(ROOT) + "/", ""), (str(Path.home()), "~")):
        text = text.replace(path, short)
    return re.sub(r"\S*ipykernel_\d+\S*?\.py", "<cell>", text)


def saved_output(cell: NotebookNode) -> list[dict[str, Any]]:
    """Outputs as plain data without the counter, to compare two runs."""
    return [{k: v for k, v in output.items() if k != "execution_count"} for output in cell.get("outputs", [])]
