"""A lesson as the site shows it: players where it has live views, predictions that can be answered, links that hold."""

from __future__ import annotations

import re
from html import escape
from pathlib import PurePosixPath

from nbformat import NotebookNode
from nbformat.v4 import new_output

from tests.notebooks.asked import Asked, answers, predictions
from tests.notebooks.markdown import LINK
from tests.site.anchors import to_site
from tests.site.recorded import VIEW

PLAYER = (
    '<iframe class="zmqlab-player" src="{folder}/{cell}.html" loading="lazy" '
    'title="The recorded run: play it, and click a message to read its frames"></iframe>'
)


def for_the_site(notebook: NotebookNode, name: str, repository: str) -> None:
    """Change that executed notebook, which lies in ``notebooks/`` as `name`, into its page."""
    asked = {each.place: each for each in predictions(notebook)}
    answered = {each.place for each in answers(notebook)}
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = mend_links(cell.source, PurePosixPath("notebooks"), repository)
            continue
        tags = cell.metadata.setdefault("tags", [])
        if place in asked and asked[place].choices:
            cell.outputs = [_html(form(asked[place]), f"Predict: {asked[place].question}")]
            tags.append("hide-input")
        elif place in answered:
            tags.append("hide-output")
        for number, output in enumerate(cell.outputs):
            if VIEW in output.get("data", {}).get("text/plain", ""):
                text = output.data["text/plain"]
                cell.outputs[number] = _html(PLAYER.format(folder=name, cell=cell.id), text)


def form(asked: Asked) -> str:
    """The question with its choices; who takes one reads why one could think so, and what the run says."""
    lines = [
        f'<label><input type="radio" name="{escape(asked.cell)}"> {escape(choice)}'
        f'<span class="why">One could think so: {escape(reason)}.</span></label>'
        for choice, reason in asked.choices.items()
    ]
    right = escape(asked.right)
    reason = escape(asked.choices.get(asked.right, ""))
    told = f"The run says <b>{right}</b>: {reason}." if asked.right else "Run the cell to see what is true."
    return (
        f'<form class="zmqlab-predict"><p><b>Predict.</b> {escape(asked.question)}</p>'
        f'{"".join(lines)}<p class="run">{told}</p></form>'
    )


def mend_links(text: str, folder: PurePosixPath, repository: str) -> str:
    """Anchors as the site has them, and what the site has not, at the repository."""

    def mended(match: re.Match[str]) -> str:
        whole, target = match.group(0), match.group(3)
        return whole.replace(target, site_link(target, folder, repository))

    return LINK.sub(mended, text)


def site_link(target: str, folder: PurePosixPath, repository: str) -> str:
    path, mark, anchor = target.partition("#")
    if ":" in path or not target:
        return target
    path = path.replace("README.md", "index.md")
    if path.endswith((".md", ".ipynb")) or PurePosixPath(path).parent.name == "images" or not path:
        return f"{path}{mark}{to_site(anchor)}" if mark else path
    parts: list[str] = []
    for part in (folder / path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return f"{repository}/blob/main/{'/'.join(parts)}{mark}{anchor}"


def _html(html: str, text: str) -> NotebookNode:
    output: NotebookNode = new_output("display_data", data={"text/html": html, "text/plain": text})
    return output
