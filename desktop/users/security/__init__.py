"""Who is signed in, and what was done by whom."""

from desktop.users.security.section import SecuritySection

__all__ = ["SecuritySection"]
