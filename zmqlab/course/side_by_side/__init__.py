"""Brokers side by side, in lesson 12: ours and its peers, each in a process of its own, under the same load."""
