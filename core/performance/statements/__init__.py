"""Which statements a database is asked, what they cost, and how SQLite goes about them."""
