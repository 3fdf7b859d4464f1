"""Brokers side by side: ours and its peers, each in a process of its own, under the same load. Lesson 10 compares them."""
