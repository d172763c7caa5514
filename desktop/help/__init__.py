"""Diagnostics and About."""
