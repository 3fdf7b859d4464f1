"""Events, the bounded log, and the fold that pairs them into message journeys. Standard library only."""
