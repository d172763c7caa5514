"""What a database costs, and its care: measured, kept, improved; of any SQLite file."""
