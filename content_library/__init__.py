"""The curated content: data first, a thin loader beside it."""
