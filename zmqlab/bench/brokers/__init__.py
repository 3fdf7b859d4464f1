"""Brokers to compare: ours and its peers, each in a process of its own, under the same load."""
