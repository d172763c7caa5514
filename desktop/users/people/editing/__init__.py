"""The form in which people are made and changed, and what happens when two change one."""
