"""A spin box as the theme wants it: groups parted, text not at the very edge."""

from PySide6.QtWidgets import QSpinBox

from desktop.theme import Metric


class NumberBox(QSpinBox):
    """Takes a whole number between two limits, with its unit behind it."""

    def __init__(self, least: int, most: int, unit: str = "") -> None:
        super().__init__()
        self.setRange(least, most)
        self.setSuffix(unit)
        self.setGroupSeparatorShown(True)
        # The style sheet's padding does not reach the line inside of a spin box.
        self.lineEdit().setTextMargins(Metric.GRID, 0, 0, 0)
