"""A trace as one HTML page, with the live view's own code in it: it plays without a kernel and without a network.

It waits at its beginning until somebody plays it, in a frame of another page too.

The page runs no other script than that code, and no style but its own: its content security policy names both by
their hashes and forbids all else. The recording is data beside them, deflated, in base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from string import Template

from ..trace import whole
from ..trace.reading import Decode, Label, Roles
from ..trace.source import Source
from ..trace.trace import Trace
from .feed import Feed, written
from .labels import cut
from .markup import words

STATIC = Path(__file__).parent / "static"
MOST, ROOM = 8, 180  # actors named in the heading, and px for each
FEW, LISTED = 2, 50  # processes that are told of at once, and at all

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 12px; max-width: 1600px; color: light-dark(#1f2933, #e4e9ee);
  background: light-dark(#ffffff, #0f1317);
  font: 14px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 18px; }
p { margin: 2px 0 10px; }
details { margin: 2px 0 10px; }
"""

PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="zmqlab">
<title>$title</title>
<style>$style</style>
</head>
<body>
<header>
<h1>A ZeroMQ program, recorded</h1>
<p>$about Click a message to read its frames. The page was made with zmqlab; it holds all that it shows.</p>
$origin</header>
<main id="zmqlab-view"><p>It is drawn by JavaScript, in a browser of mid-2024 or later.</p></main>
<script type="application/json" id="zmqlab-recording">$recording</script>
<script type="module">$script</script>
</body>
</html>
""")


def to_html(
    trace: Trace,
    path: str | os.PathLike[str],
    title: str = "trace",
    *,
    label: Label | None = None,
    roles: Roles | None = None,
    decode: Decode | None = None,
) -> None:
    """Write the trace as it is now, with every message that it keeps, to one HTML file.

    `label`, `roles` and `decode` are those of `view`.
    """
    trace.read(label, roles, decode)
    whole.write(path, page(trace, title).encode())


def page(trace: Trace, title: str = "trace") -> str:
    """The text of that file."""
    batch = Feed(trace, over=True).everything()
    script, style = _static("flow.js"), STYLE + _static("flow.css")
    packed = zlib.compress(written(batch))  # with 9 it takes thrice as long, for 1 %
    deflated = base64.b64encode(packed).decode()
    recording = json.dumps({"title": title, "upto": batch["upto"], "deflated": deflated})
    return PAGE.substitute(
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'",
        title=words(title),
        about=words(_about(trace)),
        origin="".join(f"{line}\n" for line in _origin(trace)),
        style=style,
        script=script,
        recording=recording.replace("<", "\\u003c"),
    )


def _about(trace: Trace) -> str:
    actors = [cut(name, ROOM) for name, actor in trace.actors.items() if not actor.idle]
    names = [*actors[:MOST], *([f"{len(actors) - MOST:,} others"] if len(actors) > MOST else [])]
    total = len(trace.messages) + trace.forgotten
    return f"{total:,} message{'s' * (total != 1)} between {', '.join(names) or 'nobody'}."


def _origin(trace: Trace) -> Iterator[str]:
    """Which processes were recorded, where and when, and what a reader should know is missing."""
    sources = [source for source in trace.log.sources if source.name]
    told = [f"<p>{words(_source(source))}</p>" for source in sources[:LISTED]]
    if len(sources) > LISTED:
        told.append(f"<p>And {len(sources) - LISTED:,} more processes.</p>")
    if len(sources) > FEW:
        yield f"<details><summary>{len(sources):,} processes were recorded.</summary>"
        yield from told
        yield "</details>"
    else:
        yield from told
    for remark in trace.log.remarks:
        yield f"<p>{words(remark)}</p>"


def _source(source: Source) -> str:
    began = datetime.fromtimestamp(source.wall / 1e9).astimezone()
    versions = ", ".join(f"{name} {version}" for name, version in source.versions.items())
    arguments = " ".join(source.argv) or source.name
    return (
        f"{source.name}: {arguments}, process {source.pid} on {source.host}, {began:%Y-%m-%d %H:%M:%S %z}; {versions}."
    )


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
