"""The builds of the chosen project: their table, and all about the chosen one."""
