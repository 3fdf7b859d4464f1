"""Recording programs that were written without the lab: in a block of theirs, or from outside, by a command."""
