"""What runs and what waits, of all projects."""
