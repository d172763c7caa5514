"""What charts show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.theme import Role


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar.

    Attributes:
        label: What it stands for, such as a month or a person.
        value: Its length.
        item: What is handed out when it is chosen.
        tip: The exact value in words; without it the value as the chart writes it.
    """

    label: str
    value: float
    item: object = None
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its name, a value for each label (None for a gap), and its colour."""

    name: str
    values: Sequence[float | None] = field(default=())
    role: Role = Role.ACCENT
