"""Brokers as processes, and the load that lesson 10 measures them with."""
