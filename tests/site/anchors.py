"""Names of headings in links: JupyterLab's, and those of the site, which are GitHub's."""

from __future__ import annotations

import re
from urllib.parse import unquote


def slug(heading: str) -> str:
    """As GitHub makes it: lower case, no punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def to_site(anchor: str) -> str:
    """The same heading, as the site names it; `anchor` is JupyterLab's, which keeps all but the spaces."""
    return slug(unquote(anchor).replace("-", " "))
