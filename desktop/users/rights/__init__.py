"""Who may do what, and who makes use of it."""

from desktop.users.rights.section import RightsSection

__all__ = ["RightsSection"]
