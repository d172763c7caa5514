"""Signing in: passwords, second factors, sessions, and what guards them."""
