"""The graded run of the last lesson: a broker, real worker processes that crash, hang and are slow, and a report."""
