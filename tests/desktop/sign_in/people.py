"""Workspaces that ask who is there, with people in them, and the window in front of them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from core.app import open_core
from core.security.actors import Origin
from core.settings import load_settings
from core.sign_in.schemas import FirstAdministrator
from desktop.app import Application
from desktop.frame.visit import Visit
from desktop.sign_in.page import CardPage
from desktop.sign_in.pages import SignInPage
from tests.desktop.running import conduct
from tests.waiting import until

PASSWORD = "correct horse battery staple"
ADA = FirstAdministrator("ada", "Ada Lovelace", PASSWORD, "ada@example.com")


async def empty(path: Path) -> Path:
    """Make a workspace in which nobody is yet, and return its path."""
    async with open_core(load_settings()) as core:
        await core.workspaces.create(path)
    return path


async def with_ada(path: Path) -> Path:
    """Make a workspace with an administrator, and return its path."""
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.create(path)
        await workspace.sign_in.create_first_administrator(
            ADA, origin=Origin.DESKTOP, device="a test"
        )
    return path


def visit(application: Application) -> Visit:
    """Return what stands for the open workspace."""
    found = conduct(application).workspaces.visit
    assert found is not None
    return found


def page(application: Application) -> CardPage:
    """Return the page that is shown before somebody is in."""
    shown = application.window.pages.currentWidget()
    assert isinstance(shown, CardPage)
    assert shown is visit(application).entry.page
    return shown


async def page_of(application: Application, kind: type[CardPage]) -> CardPage:
    """Wait for a page of this kind."""
    await until(lambda: isinstance(visit(application).entry.page, kind))
    return page(application)


async def answered(shown: CardPage) -> None:
    """Wait until a page has the answer to what it asked."""
    await until(lambda: not shown.busy)


async def entered(application: Application) -> None:
    """Wait until somebody is in and the tabs are there."""
    await until(lambda: visit(application).session is not None)
    await until(lambda: application.window.tab_bar.count() > 0)
    await until(lambda: visit(application).entry.page is None)


async def sign_in(application: Application, password: str = PASSWORD) -> None:
    """Sign in as Ada on the page that asks for it."""
    shown = page(application)
    assert isinstance(shown, SignInPage)
    shown.form.set_values({"username": "ada", "password": password})
    shown.submit()


def line(parent: QWidget, name: str) -> QLineEdit:
    """Return the line with this accessible name."""
    (found,) = [one for one in parent.findChildren(QLineEdit) if one.accessibleName() == name]
    return found


def type_into(widget: QWidget, text: str) -> None:
    """Type as a person does."""
    QTest.keyClicks(widget, text)


def press(widget: QWidget, key: Qt.Key) -> None:
    """Press a key as a person does."""
    QTest.keyClick(widget, key)


async def let_ada_change(path: Path) -> None:
    """Say that the password of Ada was given to her, as a reset does."""

    def say() -> None:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            connection.execute("UPDATE users SET must_change_password = 1")
            connection.commit()

    await asyncio.to_thread(say)
