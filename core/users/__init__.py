"""People: who they are, what they may do, and what becomes of their data."""
