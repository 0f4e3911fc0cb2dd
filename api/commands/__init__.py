"""One module per group of commands.

Module level imports nothing heavy, so that `--help` answers at once; each command imports
what it needs when it runs.
"""
