"""Adapters to the outside: command line, HTTP and pages. Nothing imports this package."""
