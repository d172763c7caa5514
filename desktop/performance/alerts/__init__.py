"""What went wrong with the database, and from which figures on that is told."""
