"""Measures what this machine does with SQLite, in a process and a file of its own."""
