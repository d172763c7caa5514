"""The style sheet of the window, written with the colours that the theme hands in."""

from collections.abc import Mapping
from string import Template
from typing import Final


def style_sheet(colors: Mapping[str, str], marks: Mapping[str, str]) -> str:
    """Return the style sheet.

    Args:
        colors: Name of each role to its colour, or to the slot of the palette that keeps it.
        marks: What ``Marks.draw`` returned.
    """
    pictures = {f"mark_{name}": f'url("{path}")' for name, path in marks.items()}
    return Template(_SHEET).substitute(colors, **pictures)


_SHEET: Final = """
QMainWindow { background: $pane; }
QDialog, QWizard { background: $window; }
QWidget[kind="page"] { background: $window; }
QWidget[kind="pane"] { background: $pane; border: none; }
QFrame[kind="card"], QFrame[kind="toast"] {
    background: $pane; border: 1px solid $line; border-radius: 8px;
}
QFrame[kind="toast"] { margin: 12px; }
QWidget[kind="bar"] { background: $pane; border: none; border-bottom: 1px solid $line; }
QWidget[kind="footer"] { background: $pane; border: none; border-top: 1px solid $line; }
QFrame[kind="separator"] { background: $line; border: none; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QLabel { background: transparent; }
QLabel[kind="title"] { font-size: 16px; font-weight: 600; }
QLabel[kind="heading"] { font-weight: 600; }
QLabel[kind="muted"] { font-size: 12px; color: $muted; }
QLabel[kind="figure"] { font-size: 22px; font-weight: 600; }
QLabel[kind="error"] { font-size: 12px; color: $failure; }
QLabel[kind="warning"] { font-size: 12px; color: $warning; }
QLabel[kind="accent"] { font-size: 12px; color: $accent; }
QLabel[kind="success"] { font-size: 12px; color: $success; }
QLabel[kind="pill"] {
    font-size: 11px; color: $warning; background: $warning_ground;
    border-radius: 9px; padding: 1px 7px; min-height: 16px; max-height: 16px;
}

QPushButton {
    background: $pane; color: $text; border: 1px solid $field_line; border-radius: 6px;
    padding: 0 13px; min-height: 28px; max-height: 28px; font-weight: 500;
    outline: none;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $accent_ground; border-color: $accent; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $disabled; background: $window; border-color: $line; }
QPushButton[kind="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed {
    background: $accent_hover; border-color: $accent_hover;
}
QPushButton[kind="primary"]:focus {
    border: 2px solid $text; padding: 0 12px; min-height: 26px; max-height: 26px;
}
QPushButton[kind="primary"]:disabled {
    background: $accent_ground; border-color: $accent_ground; color: $muted;
}
QPushButton[part="left"] { border-top-right-radius: 0; border-bottom-right-radius: 0; }
QPushButton[part="right"], QPushButton[part="right"]:focus {
    border-top-left-radius: 0; border-bottom-left-radius: 0; padding: 0 6px; }
QPushButton[kind="danger"] { color: $failure; }
QPushButton[kind="danger"]:hover, QPushButton[kind="danger"]:pressed {
    background: $hover; border-color: $failure;
}
QPushButton[kind="danger"]:focus { border-color: $failure; }
QPushButton[kind="quiet"], QPushButton[kind="link"], QPushButton[kind="area"] {
    background: transparent; border-color: transparent; color: $muted; padding: 0 8px;
}
QPushButton[kind="link"] { color: $accent; }
QPushButton[kind="quiet"]:hover, QPushButton[kind="link"]:hover,
QPushButton[kind="area"]:hover { background: $hover; }
QPushButton[kind="quiet"]:hover { color: $text; }
QPushButton[kind="quiet"]:focus, QPushButton[kind="link"]:focus,
QPushButton[kind="area"]:focus { border-color: $accent; }
QPushButton[kind="danger"]:disabled, QPushButton[kind="quiet"]:disabled,
QPushButton[kind="link"]:disabled { color: $disabled; }
QPushButton[kind="quiet"]:disabled, QPushButton[kind="link"]:disabled {
    background: transparent; border-color: transparent;
}
QPushButton[kind="area"] { color: $text; text-align: left; }
QPushButton[kind="area"]:checked { background: $accent_ground; color: $accent; }
QPushButton::menu-indicator {
    image: $mark_down; subcontrol-position: right center; right: 8px; width: 12px;
}
QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 6px;
    padding: 0 6px; min-height: 26px;
}
QToolButton[kind="bordered"] {
    background: $pane; border-color: $field_line; padding: 0 6px;
    min-height: 28px; max-height: 28px;
}
QToolButton[kind="line"] { font-size: 12px; color: $muted; min-height: 22px; }
QToolButton[kind="switch"] {
    padding: 0; min-width: 22px; max-width: 22px; min-height: 20px; max-height: 20px;
    border-radius: 4px;
}
QToolButton:hover { background: $hover; }
QFrame[kind="chip"] {
    background: $accent_ground; border: 1px solid transparent; border-radius: 6px;
    min-height: 28px; max-height: 28px;
}
QFrame[kind="small_chip"] {
    background: $hover; border: 1px solid $line; border-radius: 5px;
    min-height: 20px; max-height: 20px;
}
QFrame[kind="small_chip"] QToolButton {
    font-size: 12px; padding: 0 1px 0 5px; min-height: 16px; max-height: 16px;
    border-radius: 4px;
}
QFrame[kind="small_chip"] QToolButton:hover { background: transparent; color: $accent; }
QFrame[kind="small_chip"] QToolButton:focus { border-color: $accent; }
QFrame[kind="field"], QFrame[kind="invalid_field"] {
    background: $field; border: 1px solid $field_line; border-radius: 6px;
}
QFrame[kind="field"]:hover { border-color: $muted; }
QFrame[kind="invalid_field"] { border-color: $failure; }
QFrame[kind="chip"] QToolButton {
    color: $text; padding: 0 2px 0 8px; min-height: 24px; font-weight: 500;
}
QFrame[kind="chip"] QToolButton:hover { background: transparent; color: $accent; }
QFrame[kind="chip"] QToolButton:focus { border-color: $accent; }
QFrame[kind="popover"] {
    background: $pane; border: 1px solid $field_line; border-radius: 8px;
}
QPushButton[kind="menu"] { padding: 0 28px 0 10px; }
QToolButton:pressed, QToolButton:checked { background: $accent_ground; }
QToolButton[kind="switch"]:checked { border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: $field; color: $text; border: 1px solid $field_line; border-radius: 6px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 28px; max-height: 28px; padding: 0 9px; }
QPlainTextEdit, QTextEdit { padding: 4px 5px; }
QLineEdit:hover, QPlainTextEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {
    border-color: $muted;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus,
QComboBox:focus, QComboBox:on {
    border: 2px solid $accent; background: $pane;
}
QLineEdit:focus, QComboBox:focus, QComboBox:on { padding: 0 8px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QComboBox:on {
    min-height: 26px; max-height: 26px;
}
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px 4px; }
QLineEdit[kind="invalid"], QPlainTextEdit[kind="invalid"], QAbstractSpinBox[kind="invalid"],
QComboBox[kind="invalid"], QTableView[kind="invalid"] { border-color: $failure; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
    color: $disabled; background: $window; border-color: $line;
}
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QLineEdit:read-only { background: $window; }
QLineEdit { lineedit-clear-button-icon: $mark_cross; }
QLineEdit QToolButton { min-height: 0; padding: 0; border: none; }
QLineEdit[kind="bare"], QLineEdit[kind="bare"]:focus {
    background: transparent; border: none; padding: 0 4px; min-height: 22px; max-height: 22px;
}
QAbstractSpinBox { padding: 0; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {
    background: transparent; border: none; padding: 0 0 0 8px; min-height: 0;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    background: transparent; border: none; width: 22px;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-arrow { image: $mark_up; width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: $mark_down; width: 12px; height: 12px; }
QComboBox::drop-down, QDateEdit::drop-down {
    background: transparent; border: none; width: 26px;
}
QComboBox::down-arrow, QDateEdit::down-arrow { image: $mark_down; width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $pane; border: 1px solid $field_line; border-radius: 6px; padding: 4px;
    outline: none; selection-background-color: $accent_ground; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 6px; border-radius: 4px; }
QAbstractItemView QLineEdit, QAbstractItemView QLineEdit:focus {
    border-radius: 0; padding: 0 7px; min-height: 0; max-height: 100px;
}

QCheckBox, QRadioButton { spacing: 8px; min-height: 22px; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 16px; height: 16px; border: 1px solid $muted; background: $field;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked {
    background: $check; border-color: $check; image: $mark_check_on;
}
QCheckBox::indicator:indeterminate {
    background: $check; border-color: $check; image: $mark_dash_on;
}
QRadioButton::indicator:checked {
    background: $check; border-color: $check; image: $mark_dot_on;
}
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus {
    border: 2px solid $accent; width: 14px; height: 14px;
}
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus {
    border: 2px solid $text;
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {
    border-color: $line; background: $window;
}
QCheckBox::indicator:checked:disabled { image: $mark_check; }

QMenuBar { background: $pane; border-bottom: 1px solid $line; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 5px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $pane; border: 1px solid $field_line; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 5px; min-width: 120px; }
QMenu::item:selected { background: $accent_ground; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 5px 6px; }
QMenu::icon { padding-left: 10px; }
QMenu::right-arrow { image: $mark_right; width: 12px; height: 12px; right: 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 8px; }
QMenu::indicator:checked { image: $mark_check; }

QTabWidget { background: $pane; }
QTabWidget::pane { border: none; border-top: 1px solid $line; background: $pane; }
QTabWidget::tab-bar { left: 8px; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: $muted; border: none;
    border-bottom: 2px solid transparent; padding: 2px 14px 0 14px; height: 34px;
    font-weight: 500;
}
QTabBar[kind="main"]::tab { height: 42px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; color: $accent; }
QTabBar::tab:disabled { color: $disabled; }

QTableView, QListView, QTreeView {
    background: $pane; border: 1px solid $line; gridline-color: $line; outline: none;
    selection-background-color: $accent_ground; selection-color: $text;
}
QTableView[kind="flush"], QListView[kind="flush"], QTreeView[kind="flush"] { border: none; }
QTableView[kind="log"] { border: none; background: $log_ground; }
QTableView::item { padding: 0 9px; border: none; border-bottom: 1px solid $line; }
QTableView::item:focus { border: 1px solid $accent; }
QTableView::item:hover, QListView::item:hover, QTreeView::item:hover { background: $hover; }
QTableView::item:selected, QListView::item:selected, QTreeView::item:selected {
    background: $accent_ground; color: $text;
}
QListView::item { min-height: 32px; padding: 0 12px; border: none; }
QTreeView::item { min-height: 30px; border: none; }
QHeaderView { background: $pane; border: none; border-bottom: 1px solid $line; }
QHeaderView::section {
    background: $pane; color: $muted; font-size: 12px; border: none;
    padding: 0 12px; min-height: 28px;
}
QHeaderView::section:hover { color: $text; }
QHeaderView::up-arrow { image: $mark_up; width: 12px; height: 12px; }
QHeaderView::down-arrow { image: $mark_down; width: 12px; height: 12px; }
QTableCornerButton::section { background: $pane; border: none; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $field_line; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 34px; }
QScrollBar::handle:horizontal { min-width: 34px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QToolTip {
    background: $text; color: $pane; border: 1px solid $text; padding: 4px 6px;
    font-size: 12px;
}
QProgressBar {
    background: $line; border: none; border-radius: 2px; min-height: 4px; max-height: 4px;
    color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QStatusBar { background: $pane; border-top: 1px solid $line; color: $muted; font-size: 12px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: 12px; padding: 0 6px; }
QToolBar { background: $pane; border: none; border-bottom: 1px solid $line; spacing: 8px; }
QGroupBox { border: none; margin-top: 24px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
"""
