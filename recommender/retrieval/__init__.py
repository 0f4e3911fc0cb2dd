"""Encoders, indexes and the one search path that everything recommended goes through."""
