"""The lab: actors, links and how they are steered. Import from the modules, or `Lab` from `zmqlab`."""
