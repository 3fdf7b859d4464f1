"""Mistakes about workers that die, which 09-a and 13-a refuse: these lines are the same in both solutions."""

from __future__ import annotations

HEARD = "heard[worker] = time.monotonic()"
FREE = "for worker in [each for each in free if lives(each)]:"

CREW_WRONG = {
    "takes a long job for death": (
        [(HEARD, f"if word != b'ALIVE': {HEARD}")],
        "A worker that says ALIVE lives, however long its job takes",
        "a worker is slow, and lives",
    ),
    "gives a job to the dead": (
        [(FREE, "for worker in list(free):")],
        "it may have died while it was free",
        "a worker dies while it is free",
    ),
    "forgets the dead who were free": (
        [
            (
                f"            {FREE}",
                f"            free = deque(each for each in free if lives(each))\n            {FREE}",
            )
        ],
        "keep it in the list while it is dead",
        "a worker dies while it is free",
    ),
    "ALIVE makes free": (
        [('if word in (b"READY", b"DONE")', "if worker not in working and worker not in free")],
        "ALIVE makes nobody free",
        "a worker hangs, and answers first after all",
    ),
    "dead after half the patience": (
        [("<= patience", "<= patience / 2")],
        "`patience` is the whole time that a worker may be silent",
        "a worker that is nearly silent for too long",
    ),
    "dead after twice the patience": (
        [("<= patience", "<= 2 * patience")],
        "A worker is dead when it has been silent for `patience` seconds, and no later",
        "a worker that is nearly silent for too long",
    ),
    "DONE is no sign of life": (
        [(HEARD, f"if word != b'DONE': {HEARD}")],
        "DONE is a sign of life too",
        "a worker that is nearly silent for too long",
    ),
    "sleeps for a tenth of a second": (
        [("poll(10)", "poll(100)")],
        "Nothing wakes the poller when a worker dies",
        "workers die while nobody speaks",
    ),
    "sleeps until somebody speaks": (
        [("poll(10)", "poll()")],
        "a poll without a limit",
        "workers die while nobody speaks",
    ),
    "takes 5 ms for each message": (
        [(HEARD, f"{HEARD}; time.sleep(0.005)")],
        "one that takes too long for each message has never heard all",
        "many workers that speak all the time",
    ),
}


def hears_one_a_round(hear: str) -> tuple[list[tuple[str, str]], str, str]:
    """The mistake of who hears one message a round, and takes 4 ms for it: `hear` begins the loop that hears all."""
    one = hear.replace("while", "if")
    return (
        [(hear, one), (HEARD, f"{HEARD}; time.sleep(0.004)")],
        "one that takes too long for each message has never heard all",
        "many workers that speak all the time",
    )
