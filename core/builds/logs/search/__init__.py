"""Searches logs for plain text and regular expressions."""
