"""What the people of a workspace do, in figures."""
