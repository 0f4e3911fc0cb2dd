"""People: who may meet whom, how well they fit, and the best assignment of everybody."""
