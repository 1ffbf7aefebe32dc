"""Ways to report a suspect: the right form for this reporter, filled as far as the platform allows it."""
