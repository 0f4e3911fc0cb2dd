"""Prompts for language models, as files with versions and labels; `load.py` reads them."""
