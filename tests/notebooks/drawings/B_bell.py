"""A parcel room with a bell: it rings once for who found the shelf empty, and not for each parcel."""

from __future__ import annotations

from .kit import GREEN, ORANGE, RED, SOFT, Sheet

ALT = (
    "Three pictures of a shelf with a bell, from left to right. First the shelf is empty, alice has looked and sleeps, "
    "and the bell is ready. Then three parcels come, and the bell rings once; alice wakes up and takes one of them. "
    "Last two parcels are left on the shelf, the bell is silent, and alice, who did not look again, sleeps beside them."
)

SCENES = (
    ("1  the shelf is empty", 0, "the bell is ready", "looked, and sleeps", SOFT),
    ("2  three parcels come", 3, "it rings, once", "takes one", GREEN),
    ("3  two are left", 2, "it is silent", "sleeps beside them", RED),
)


def draw() -> Sheet:
    sheet = Sheet(740, 230)
    for count, (title, parcels, bell, does, colour) in enumerate(SCENES):
        x = 20 + count * 240
        sheet.text((x + 110, 24), title, bold=True)
        shelf = sheet.box(x + 10, 50, 200, 60)
        for place in range(parcels):
            sheet.box(x + 24 + place * 60, 64, 50, 34, f"{3 - parcels + place}", colour=ORANGE)
        sheet.text((shelf.bottom[0], 132), bell, colour)
        sheet.person((x + 60, 176), "alice")
        sheet.text((x + 88, 176), does, colour, size=13, anchor="start")
    return sheet
