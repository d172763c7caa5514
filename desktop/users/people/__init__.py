"""The people of a workspace: list, details, form, and what is done with many at once."""

from desktop.users.people.section import PeopleSection

__all__ = ["PeopleSection"]
