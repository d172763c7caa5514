"""Builds: commands that run as real processes, their logs and their true ends."""
