"""Prompts as files; none yet: agendas are composed without a model."""
