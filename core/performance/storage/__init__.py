"""What takes the room in a database file: sizes of tables and indexes, growth, and rows."""
