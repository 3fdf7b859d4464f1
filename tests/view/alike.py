"""What the two pictures of a trace show, each read from the picture itself, so that they can be compared."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from zmqlab.trace.trace import Trace
from zmqlab.view.feed import Batch
from zmqlab.view.saying import BADLY
from zmqlab.view.shapes import SOFT
from zmqlab.view.svg import COLOURS, MOST, to_svg

DRAWN = Path(__file__).parents[1] / "js" / "drawn.mjs"
NS = "{http://www.w3.org/2000/svg}"


def live_views(node: str, stories: list[list[Batch]]) -> list[dict[str, Any]]:
    """What the live view's own code draws, for each list of batches."""
    lines = "".join(json.dumps(batches) + "\n" for batches in stories)
    done = subprocess.run([node, DRAWN], input=lines, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_svg(trace: Trace) -> dict[str, Any]:
    """Lanes from top to bottom, and the messages in the order in which they begin."""
    root = ElementTree.fromstring(to_svg(trace, "demo"))
    texts = list(root.iter(NS + "text"))
    names = [text.text for text in texts if text.get("x") == "16.0" and text.get("font-weight") == "600"][1:]
    arrows = [group for group in root.iter(NS + "g") if group.get("class") == "message"]
    labels = [text for text in texts if text.get("stroke")][-len(arrows) :]
    lanes = list(dict.fromkeys(names))
    messages = [_arrow(arrow, label) for arrow, label in zip(arrows, labels, strict=True)]
    return {"lanes": lanes, "messages": messages}


def _arrow(group: ElementTree.Element, label: ElementTree.Element) -> dict[str, Any]:
    told = re.fullmatch(r"(.*) → (.*?): .*", group.findtext(NS + "title") or "")
    assert told is not None
    flight = next(path for path in group.iter(NS + "path") if path.get("class") == "flight")
    crossed = any(path.get("class") == "end" for path in group.iter(NS + "path"))
    arrives = next(group.iter(NS + "polygon"), None) is not None
    y1, y2 = re.findall(r"[ML]-?[\d.]+ (-?[\d.]+)", flight.get("d") or "")[:2]
    return {
        "from": told[1],
        "to": told[2],
        "label": label.text or "",
        "colour": None if crossed else (*COLOURS, SOFT).index(flight.get("stroke") or ""),
        "end": "" if arrives else "badly" if crossed else "open",
        "up": float(y2) < float(y1),
    }


def differences(svg: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """In which the two pictures disagree, in words."""
    found = []
    if svg["lanes"] != live["lanes"]:
        found.append(f"lanes: {svg['lanes']} and {live['lanes']}")
    arrows = sorted(filter(None, live["messages"]), key=lambda m: (m["start"], m["id"]))[:MOST]
    if len(arrows) != len(svg["messages"]):
        found.append(f"messages: {len(svg['messages'])} and {len(arrows)}")
    for one, other in zip(svg["messages"], arrows, strict=False):
        sender, receiver = other["route"].split(" → ")
        end = "badly" if other["end"] in BADLY else other["end"]
        pairs = {
            "from": (one["from"], sender),
            "to": (one["to"], "nobody" if receiver == "nobody yet" else receiver),
            "end": (one["end"], end),
            "tint": (one["colour"], None if end == "badly" else other["tint"]),
            "up": (one["up"], other["up"]),
        }
        found += [f"#{other['id']}: {name}: {a!r} and {b!r}" for name, (a, b) in pairs.items() if a != b]
        texts = other["texts"] or [""]
        if one["label"] not in texts[: 1 + (": " in texts[0])]:
            found.append(f"#{other['id']}: label: {one['label']!r} and {texts}")
    return found
