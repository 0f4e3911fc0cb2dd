"""The commands below `agendum eval`."""
