"""The relay: the process in the middle that every TCP connection of a lab goes through. See `__main__`."""
