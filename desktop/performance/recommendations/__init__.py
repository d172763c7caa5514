"""What would make a database better: why, what it brings, and done with one click."""
