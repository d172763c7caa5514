"""The tab of people: the list, insights, rights, and who signed in."""

from desktop.users.tab import UsersTab

__all__ = ["UsersTab"]
