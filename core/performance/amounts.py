"""Amounts within sentences; screens that show figures alone format them themselves."""

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Return a number of bytes, such as ``12.4 MB`` (powers of ten).

    >>> size(999), size(12_400_000), size(999_960)
    ('999 B', '12.4 MB', '1.0 MB')
    """
    power = 0
    while power < len(_UNITS) and abs(round(count, 1 if power else 0)) >= 1000:
        count, power = count / 1000, power + 1
    return f"{count:.1f} {_UNITS[power - 1]}" if power else f"{count:.0f} B"
