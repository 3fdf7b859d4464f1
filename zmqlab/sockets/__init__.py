"""Traced sockets: pyzmq sockets, plain and asyncio, that report what passes through them and change nothing else."""
