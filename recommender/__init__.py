"""What Agendum recommends and how: retrieval, learning, agendas."""
