"""Fields that only projects have: artifact patterns, exit codes."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from core.projects.schemas import USUAL, ProjectType
from core.translation import _
from desktop.builds import words
from desktop.theme import Theme
from desktop.widgets.form import LineField, LinesField
from desktop.widgets.marks import button


class PatternsField(LinesField):
    """Patterns, one a line, and a button that adds those usual for a type."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(rows=7, placeholder="dist/*.whl", theme=theme)
        self._usual: tuple[str, ...] = ()
        self.usual_button = button("", self._add_usual, "link")
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.usual_button)
        layout.setAlignment(self.usual_button, Qt.AlignmentFlag.AlignLeft)
        self.changed.connect(self._follow)

    def offer(self, kind: ProjectType) -> None:
        """Offer the patterns that are usual for a type, where there are some."""
        self._usual = USUAL[kind].artifact_patterns
        text = _("Add the usual ones of {type}: {patterns}").format(
            type=words.type_words(kind), patterns=", ".join(self._usual)
        )
        self.usual_button.setText(text)
        self._follow()

    def set_value(self, value: Sequence[str]) -> None:
        """Show patterns."""
        super().set_value(value)
        self._follow()

    def _add_usual(self) -> None:
        self.set_value(tuple(dict.fromkeys((*self.value(), *self._usual))))
        self.changed.emit()

    def _follow(self) -> None:
        missing = set(self._usual) - set(self.value())
        self.usual_button.setVisible(bool(missing))


class ExitCodesField(LineField):
    """Exit codes, parted by commas or spaces."""

    def value(self) -> tuple[int, ...]:  # type: ignore[override]
        """Return the numbers; what is no number is told by ``problem``."""
        return tuple(int(part) for part in self._parts() if part.isdecimal())

    def set_value(self, value: Sequence[int]) -> None:  # type: ignore[override]
        """Show numbers."""
        super().set_value(", ".join(str(code) for code in value))

    def problem(self) -> str:
        """Return which part is no exit code."""
        for part in self._parts():
            if not part.isdecimal() or not 1 <= int(part) <= 255:
                told = _("“{text}” is no exit code: these are numbers from 1 to 255.")
                return told.format(text=part)
        return ""

    def _parts(self) -> list[str]:
        return super().value().replace(",", " ").split()
