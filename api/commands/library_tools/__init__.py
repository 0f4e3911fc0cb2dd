"""The commands of `agendum library`; each module holds one `command`."""
