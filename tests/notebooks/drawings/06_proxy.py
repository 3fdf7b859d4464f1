"""Lesson 06: where requests wait behind a proxy when every worker is busy."""

from __future__ import annotations

from tests.notebooks.drawings.kit import BLUE, GREEN, ORANGE, SOFT, Sheet

ALT = (
    "From left to right: the clients Alice and Bob, each with a DEALER; the proxy, a box with a ROUTER, the frontend, "
    "and a DEALER, the backend; the workers Ann and Ben. Requests go from the clients through the proxy to the workers "
    "in turn, and replies come back the same way. Both workers are busy, and in front of each is a queue with four "
    "requests in it; in the proxy there is none."
)


def draw() -> Sheet:
    sheet = Sheet(740, 250)
    clients = [sheet.box(24, y, 92, 48, name, "DEALER", colour=BLUE) for name, y in (("alice", 60), ("bob", 150))]
    sheet.box(206, 44, 250, 170, colour=ORANGE)
    sheet.text((331, 66), "zmq.proxy", ORANGE, bold=True)
    front = sheet.box(218, 100, 96, 56, "ROUTER", "frontend", colour=ORANGE)
    back = sheet.box(348, 100, 96, 56, "DEALER", "backend", colour=ORANGE)
    workers = [sheet.box(630, y, 92, 48, name, "busy", colour=GREEN) for name, y in (("ann", 60), ("ben", 150))]
    for client in clients:
        sheet.arrow(client.right, front.left, colour=BLUE)
    sheet.arrow(front.right, back.left, colour=BLUE)
    for worker in workers:
        queue = sheet.queue(540, worker.y + 13, 4, 4, colour=BLUE, w=19)
        sheet.arrow(back.right, queue.left, colour=BLUE)
    sheet.text((331, 188), "nothing waits here", SOFT, size=13)
    sheet.text((578, 32), "the requests wait here", SOFT, size=13)
    sheet.text((331, 232), "replies come back the same way", SOFT, size=13)
    return sheet
