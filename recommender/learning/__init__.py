"""Learning: which resources are worth somebody's time, and why."""
