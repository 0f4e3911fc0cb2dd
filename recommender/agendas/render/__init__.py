"""An agenda as people read it; every format from the same agenda."""
