"""What is measured of an agenda, a list of resources and a matching: one module per family."""
