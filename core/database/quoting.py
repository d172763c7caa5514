"""Names as they can stand in SQL."""


def quoted(name: str) -> str:
    """Return a name as it can stand in SQL, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
