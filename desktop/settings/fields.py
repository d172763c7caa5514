"""The settings as rows of the window: words, explanation and editor of each."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from core import paths
from core.database.fields.phones import REGIONS
from core.translation import _


@dataclass(frozen=True, slots=True)
class Choices:
    """One of several values, each with its words."""

    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two limits, with the words of its unit."""

    least: int
    most: int
    unit: str


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, with the words that stand in it while it is empty."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class Row:
    """A setting: its field in ``core.settings.Settings``, its words, and why to change it."""

    field: str
    title: str
    explanation: str
    editor: Choices | Number | Switch | Line


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    title: str
    rows: tuple[Row, ...]


def languages() -> tuple[tuple[str, str], ...]:
    """Return the languages that there are words in, each under its own name."""
    catalogues = paths.resource("locale").glob("*/LC_MESSAGES/buildbench.mo")
    found = sorted({"en", *(catalogue.parts[-3] for catalogue in catalogues)})
    return tuple((code, QLocale(code).nativeLanguageName().capitalize()) for code in found)


def regions() -> tuple[tuple[str, str], ...]:
    """Return the regions of telephone numbers by their names."""
    named = {c: QLocale.territoryToString(QLocale.codeToTerritory(c)) for c in REGIONS}
    codes = sorted(named, key=lambda code: unicodedata.normalize("NFD", named[code]))
    return tuple((code, f"{named[code]} ({code})") for code in codes)


def groups() -> tuple[Group, ...]:
    """Return all settings in the order of the window."""
    return (_window(), _builds(), _storage(), _log())


def _window() -> Group:
    return Group(
        _("Window"),
        (
            Row(
                "appearance",
                _("Appearance"),
                _("Light or dark colours, or whatever the system has."),
                Choices(
                    (
                        ("system", _("As the system")),
                        ("light", _("Light")),
                        ("dark", _("Dark")),
                    )
                ),
            ),
            Row(
                "language",
                _("Language"),
                _("The language of the window, from the next start on."),
                Choices((("", _("As the system")), *languages())),
            ),
            Row(
                "phone_region",
                _("Telephone numbers"),
                _("Where numbers without a country code are from."),
                Choices(regions()),
            ),
            Row(
                "reopen_last",
                _("At the start"),
                _("Otherwise the welcome page is shown."),
                Switch(_("Open the last workspace again")),
            ),
            Row(
                "build_news",
                _("When a build ends"),
                _("Tell it through the system while the window is not in front."),
                Choices(
                    (
                        ("all", _("Tell it")),
                        ("failures", _("Tell failures only")),
                        ("never", _("Tell nothing")),
                    )
                ),
            ),
            Row(
                "close_policy",
                _("When builds are running at the end"),
                _("What happens to running builds when the window is closed."),
                Choices(
                    (
                        ("ask", _("Ask each time")),
                        ("tray", _("Keep going in the tray")),
                        ("finish", _("Let them finish alone")),
                        ("cancel", _("Cancel them")),
                    )
                ),
            ),
        ),
    )


def _builds() -> Group:
    return Group(
        _("Builds on this computer"),
        (
            Row(
                "log_cap_mib",
                _("Largest log of one build"),
                _("Beyond it the beginning and the end are kept, and the log says so."),
                Number(1, 1024 * 1024, " MiB"),
            ),
            Row(
                "editor_command",
                _("Editor for problems"),
                _(
                    "The command that opens a file at a line; {file}, {line} and {column} are"
                    " filled in. When empty, the first of VS Code, VSCodium, IntelliJ IDEA,"
                    " Kate and gedit that is installed."
                ),
                Line("code --goto {file}:{line}:{column}"),
            ),
        ),
    )


def _storage() -> Group:
    return Group(
        _("Database"),
        (
            Row(
                "durability",
                _("What is stored survives"),
                _("Surviving a power cut costs some speed with each change."),
                Choices(
                    (
                        ("full", _("A power cut")),
                        ("normal", _("A crash of the program")),
                    )
                ),
            ),
            Row(
                "slow_statement_ms",
                _("A statement is slow from"),
                _("Runs that take longer are kept one by one on the page of statements."),
                Number(1, 60_000, " ms"),
            ),
        ),
    )


def _log() -> Group:
    return Group(
        _("Program log"),
        (
            Row(
                "log_level",
                _("How much is written"),
                _("What Buildbench writes about itself, from the next start on."),
                Choices(
                    (
                        ("warning", _("Warnings only")),
                        ("info", _("Normal")),
                        ("debug", _("Everything, to find a fault")),
                    )
                ),
            ),
        ),
    )
