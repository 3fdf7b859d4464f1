"""A snack bar: the number on the tray says whose it is, and the roll of tickets begins again."""

from __future__ import annotations

from .kit import BLUE, GREEN, ORANGE, SOFT, Sheet

ALT = (
    "A snack bar. Three guests, alice, bob and carol, have ordered in this order and wait with the tickets 4, 5 and 6. "
    "From the kitchen come three trays in another order, first 6, then 4, then 5, and each guest takes the tray with "
    "their own number. At the right the roll of tickets: 97, 98, 99, and then 0 again."
)

GUESTS = (("alice", "4"), ("bob", "5"), ("carol", "6"))
TRAYS = ("6", "4", "5")


def draw() -> Sheet:
    sheet = Sheet(740, 250)
    kitchen = sheet.box(20, 90, 110, 70, "kitchen", "the server", colour=GREEN)
    sheet.note((12, 180), ["what is ready first,", "comes first"])
    places = {}
    for count, (name, number) in enumerate(GUESTS):
        x = 240 + count * 110
        sheet.person((x, 40), name, colour=BLUE)
        places[number] = sheet.frames(x - 35, 84, [(f"ticket {number}", BLUE)])
    sheet.text((350, 226), "the order in which the trays come", SOFT, size=13)
    for count, number in enumerate(TRAYS):
        tray = sheet.box(200 + count * 110, 170, 80, 34, f"tray {number}", colour=ORANGE)
        sheet.arrow(tray.top, places[number].bottom, colour=ORANGE)
    sheet.arrow(kitchen.right, (192, 187), colour=GREEN)
    sheet.text((655, 90), "the roll of tickets", SOFT, size=13)
    sheet.frames(595, 106, ["97", "98", "99", ("0", ORANGE)])
    sheet.text((655, 150), "begins again", ORANGE, size=13)
    return sheet
