"""Looks after a database file: compacts, analyses, checks it, and records what was done."""
