"""The page that measures what this machine does with SQLite."""
