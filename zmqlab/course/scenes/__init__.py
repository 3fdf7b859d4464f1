"""What scenarios are played with: the lab around the learner's code, the other side, and the words of a refusal.

Nothing in here knows the exercises, or what `check` makes of them.
"""
