"""Why code that shares out jobs does something else than it should, where workers die: the likely causes, in words."""

from __future__ import annotations

NOT_NOTICED = (
    "Silence is no message: look in every round, after each poll and after its limit too, which worker has been silent "
    "for too long."
)
NOT_GIVEN = (
    "A worker is free and a job is there, so it goes out: a worker is free with READY and with DONE. Hear what has "
    "come, then look at the clock, then give out jobs, in every round, also while ALIVE comes."
)
NOT_DEAD = "A worker that says ALIVE lives, however long its job takes: note the time of every message that it sends."
ONE = "A worker has one job at a time, and is free again when it has said DONE."
NO_JOB = "Look at the time again before you give a worker a job: it may have died while it was free."
FREE_AGAIN = "With DONE a worker is free, also one that was taken for dead."
STILL_FREE = "A worker that was free is still free when it is heard again: keep it in the list while it is dead."
KEEPS_PLACE = "And it keeps its place there: it has been free for longer than those that became free since."
DIES_AGAIN = "A worker may die more than once, and each time the job that it has goes to another one."
NOT_YET = "A worker that says ALIVE lives. It may be at work, for an earlier broker: READY and DONE make it free."
EACH_DEATH = (
    "A job may lose more than one worker. Each time it goes to another one, and comes before all that nobody has had: "
    "it is not dropped, and not put behind the others."
)
AT_WORK = "A worker that was at work is at work when it is heard again. ALIVE makes nobody free: READY and DONE do."
TAKEN_ONCE = (
    "A job is put back once: take it from the dead worker when you put it back, and out of the queue when it goes out."
)
DONE_IS_LIFE = "DONE is a sign of life too: note the time of every message, whatever it says."
DONE_IS_BOTH = f"{ONE} {DONE_IS_LIFE}"
TOO_EARLY = "`patience` is the whole time that a worker may be silent, in seconds."
TOO_LATE = "A worker is dead when it has been silent for `patience` seconds, and no later. Does the poll wait too long?"
OVERSLEPT = (
    "Nothing wakes the poller when a worker dies, so it has to come back by itself: with a limit of 10 ms, or in time "
    "for the next death."
)
STARVED = (
    "Hear all that has come, then look at the clock, then give out jobs, in every round. A loop that looks only when "
    "nothing has come never looks while many speak; and one that takes too long for each message has never heard all."
)

RAISED: tuple[tuple[type[BaseException], str], ...] = (
    (UnicodeDecodeError, "A routing id is bytes, and need not be text: do not decode it, nor any other frame."),
    (KeyError, "A worker says something that you do not expect of it: its job was taken from it, or had its answer."),
    (IndexError, "Something was taken out of an empty deque: is there a job, and a free worker that lives?"),
    (ValueError, "A message has another number of frames than the code takes for granted: READY and ALIVE have one."),
)
