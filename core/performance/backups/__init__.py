"""Backups of a database: made, looked at, verified, restored, made on a schedule, removed."""
