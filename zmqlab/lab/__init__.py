"""The lab: actors, traced sockets and links. Import from the modules, or `Lab` from `zmqlab`."""
