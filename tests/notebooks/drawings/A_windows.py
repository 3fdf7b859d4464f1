"""Appendix A: browser, Jupyter Server and kernel, and the sockets between them."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, INK, ORANGE, SOFT, VIOLET, Sheet

ALT = (
    "Three boxes from left to right: the browser, Jupyter Server, and the kernel. The browser talks to the server "
    "through a WebSocket. Between server and kernel there are five pairs of ZeroMQ sockets. Three of them are a DEALER "
    "in the server and a ROUTER in the kernel: shell, where cells come in and are served one at a time; control, for "
    "emergencies such as a request to shut down; and stdin, through which the kernel asks you something. The fourth is "
    "iopub, where the kernel's XPUB tells all who listen what was printed. The fifth is the heartbeat, a REQ and a "
    "ROUTER."
)

CHANNELS = (
    ("shell", "your cells, one at a time", "DEALER", "ROUTER", ORANGE),
    ("control", "shut down, debug", "DEALER", "ROUTER", ORANGE),
    ("stdin", "input() asks you", "DEALER", "ROUTER", ORANGE),
    ("iopub", "what is printed, to all", "SUB", "XPUB", VIOLET),
    ("heartbeat", "are you there?", "REQ", "ROUTER", SOFT),
)


def draw() -> Sheet:
    sheet = Sheet(760, 360)
    sheet.box(20, 140, 110, 76, "browser", "JupyterLab", colour=BLUE)
    sheet.box(220, 30, 150, 300, colour=INK)
    sheet.text((295, 50), "Jupyter Server", INK, bold=True)
    sheet.box(590, 30, 150, 300, colour=INK)
    sheet.text((665, 50), "kernel", INK, bold=True)
    sheet.arrow((134, 166), (214, 166))
    sheet.arrow((214, 190), (134, 190))
    sheet.note((174, 130), ["WebSocket"], anchor="middle")
    for count, (name, note, server, kernel, colour) in enumerate(CHANNELS):
        y = 76 + count * 50
        left = sheet.box(272, y, 92, 30, server, colour=colour)
        right = sheet.box(596, y, 92, 30, kernel, colour=colour)
        if name != "iopub":
            sheet.arrow((left.right[0] + 3, y + 15), (right.x - 3, y + 15), colour=colour)
        sheet.arrow((right.x - 3, y + 15), (left.right[0] + 3, y + 15), colour=colour)
        sheet.text((480, y + 4), name, colour, bold=True)
        sheet.note((480, y + 27), [note], anchor="middle")
    return sheet
