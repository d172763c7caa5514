"""What a database and this program do, measured every second and kept for years."""
