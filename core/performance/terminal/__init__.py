"""``backup`` and ``check``: looking after a database from a terminal or a script."""
