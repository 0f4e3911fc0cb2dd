"""Agendas: from a case to a brief, a plan, a checked agenda and its renderings."""
