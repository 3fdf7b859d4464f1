"""What the course adds to the lab."""
