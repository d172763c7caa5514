"""Logs: cut and compressed, stored and read, their loud lines found."""
