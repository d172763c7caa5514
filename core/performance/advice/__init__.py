"""What would make a database better, each with its reason and its figures."""
