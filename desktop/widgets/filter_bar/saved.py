"""Filters that were given a name, kept in the settings of the window."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSettings

from core.translation import _
from desktop.widgets.filter_bar.conditions import Condition, decode, encode

_KEY: Final = "filters"


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with a name."""

    name: str
    search: str
    conditions: tuple[Condition, ...]


class SavedFilters:
    """The named filters of one list, in the order of their names.

    Args:
        settings: Where they are kept; None keeps them in memory alone.
    """

    def __init__(self, settings: QSettings | None) -> None:
        self._settings = settings
        self._filters: dict[str, SavedFilter] = {f.name: f for f in self._read()}

    def all(self) -> list[SavedFilter]:
        """Return them by name."""
        return sorted(self._filters.values(), key=lambda kept: kept.name.casefold())

    def problem(self, name: str, *, but: str = "") -> str:
        """Return why a name cannot be given, or nothing; ``but`` is its present name."""
        if not name:
            return _("Give the filter a name.")
        taken = {kept.casefold() for kept in self._filters if kept != but}
        if name.casefold() in taken:
            return _("There is a filter “{name}” already.").format(name=name)
        return ""

    def save(self, name: str, search: str, conditions: Sequence[Condition]) -> None:
        """Keep a filter, in place of one of the same name."""
        self._filters[name] = SavedFilter(name, search, tuple(conditions))
        self._write()

    def rename(self, old: str, new: str) -> None:
        """Give a filter another name."""
        kept = self._filters.pop(old)
        self.save(new, kept.search, kept.conditions)

    def delete(self, name: str) -> None:
        """Forget a filter."""
        del self._filters[name]
        self._write()

    def _write(self) -> None:
        if self._settings is not None:
            kept = [
                {"name": f.name, "search": f.search, "conditions": encode(f.conditions)}
                for f in self.all()
            ]
            self._settings.setValue(_KEY, json.dumps(kept, ensure_ascii=False))

    def _read(self) -> list[SavedFilter]:
        """Return what was kept; what cannot be read is left out."""
        if self._settings is None:
            return []
        found = []
        try:
            for kept in json.loads(str(self._settings.value(_KEY, "[]"))):
                conditions = decode(kept["conditions"])
                found.append(SavedFilter(str(kept["name"]), str(kept["search"]), conditions))
        except (ValueError, KeyError, TypeError):
            return found
        return found
