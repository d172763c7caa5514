"""Hands and a look from outside: keys, clicks and pictures through the X server alone.

Events are made by the XTEST extension, as a keyboard and a mouse make them; the program cannot
tell the difference. No window manager runs under Xvfb, so its two duties are done here: giving
the keyboard to a window, and telling a window that it should close.
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QImage

_X11: Any = ctypes.CDLL("libX11.so.6")
_XTST: Any = ctypes.CDLL("libXtst.so.6")

_CLIENT_MESSAGE = 33
_VIEWABLE = 2
_REVERT_TO_PARENT = 2
_Z_PIXMAP = 2
_ALL_PLANES = 0xFFFF_FFFF
_LONGEST_PROPERTY = 1024
_LEFT_BUTTON = 1
_F1 = 0xFFBE

_KEYSYMS = {
    "Return": 0xFF0D, "Tab": 0xFF09, "Escape": 0xFF1B, "Home": 0xFF50, "End": 0xFF57,
    "Page_Up": 0xFF55, "Page_Down": 0xFF56, "Up": 0xFF52, "Down": 0xFF54, "Delete": 0xFFFF,
    "ctrl": 0xFFE3, "shift": 0xFFE1, "alt": 0xFFE9, "space": 0x20, "BackSpace": 0xFF08,
}  # fmt: skip


class _Attributes(ctypes.Structure):
    """``XWindowAttributes`` of Xlib.h."""

    _fields_ = (
        ("x", ctypes.c_int), ("y", ctypes.c_int),
        ("width", ctypes.c_int), ("height", ctypes.c_int),
        ("border_width", ctypes.c_int), ("depth", ctypes.c_int),
        ("visual", ctypes.c_void_p), ("root", ctypes.c_ulong), ("class_", ctypes.c_int),
        ("bit_gravity", ctypes.c_int), ("win_gravity", ctypes.c_int),
        ("backing_store", ctypes.c_int), ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong), ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong), ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int), ("all_event_masks", ctypes.c_long),
        ("your_event_mask", ctypes.c_long), ("do_not_propagate_mask", ctypes.c_long),
        ("override_redirect", ctypes.c_int), ("screen", ctypes.c_void_p),
    )  # fmt: skip


class _ClientMessage(ctypes.Structure):
    """``XClientMessageEvent``, padded to the size of ``XEvent``."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong), ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5), ("pad", ctypes.c_long * 24),
    )  # fmt: skip


class _Image(ctypes.Structure):
    """The first fields of ``XImage``."""

    _fields_ = (
        ("width", ctypes.c_int), ("height", ctypes.c_int), ("xoffset", ctypes.c_int),
        ("format", ctypes.c_int), ("data", ctypes.c_void_p), ("byte_order", ctypes.c_int),
        ("bitmap_unit", ctypes.c_int), ("bitmap_bit_order", ctypes.c_int),
        ("bitmap_pad", ctypes.c_int), ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
    )  # fmt: skip


_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def _go_on(_display: object, _error: object) -> int:
    """Go on: a window that is asked about may be gone by then; Xlib would end the process."""
    return 0


_ignore = _ErrorHandler(_go_on)


def _declare() -> None:
    display, window, number = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "XOpenDisplay": (display, [ctypes.c_char_p]),
        "XCloseDisplay": (ctypes.c_int, [display]),
        "XDefaultRootWindow": (window, [display]),
        "XInternAtom": (number, [display, ctypes.c_char_p, ctypes.c_int]),
        "XQueryTree": (ctypes.c_int, [display, window, *[ctypes.c_void_p] * 4]),
        "XGetWindowAttributes": (ctypes.c_int, [display, window, ctypes.c_void_p]),
        "XGetWindowProperty": (
            ctypes.c_int,
            [display, window, number, ctypes.c_long, ctypes.c_long, ctypes.c_int, number,
             *[ctypes.c_void_p] * 5],
        ),
        "XFree": (ctypes.c_int, [ctypes.c_void_p]),
        "XRaiseWindow": (ctypes.c_int, [display, window]),
        "XSetInputFocus": (ctypes.c_int, [display, window, ctypes.c_int, number]),
        "XSync": (ctypes.c_int, [display, ctypes.c_int]),
        "XSendEvent": (
            ctypes.c_int, [display, window, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
        ),
        "XKeysymToKeycode": (ctypes.c_ubyte, [display, number]),
        "XkbKeycodeToKeysym": (
            number, [display, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint]
        ),
        "XGetImage": (
            ctypes.POINTER(_Image),
            [display, window, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2, number, ctypes.c_int],
        ),
        "XDestroyImage": (ctypes.c_int, [ctypes.POINTER(_Image)]),
    }  # fmt: skip
    for name, (result, arguments) in signatures.items():
        function = getattr(_X11, name)
        function.restype, function.argtypes = result, arguments
    _XTST.XTestFakeKeyEvent.argtypes = [display, ctypes.c_uint, ctypes.c_int, number]
    _XTST.XTestFakeButtonEvent.argtypes = [display, ctypes.c_uint, ctypes.c_int, number]
    _XTST.XTestFakeMotionEvent.argtypes = [display, *[ctypes.c_int] * 3, number]


_declare()


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the screen that can have the keyboard."""

    id: int
    title: str
    x: int
    y: int
    width: int
    height: int


class Screen:
    """One connection to an X server.

    Args:
        name: What ``DISPLAY`` is for those who use this screen.
    """

    def __init__(self, name: str) -> None:
        _X11.XSetErrorHandler(_ignore)
        self.name = name
        self._display = _X11.XOpenDisplay(name.encode())
        assert self._display, f"no X server at {name}"
        self._root = _X11.XDefaultRootWindow(self._display)

    def close(self) -> None:
        """Leave the server; to be done before the server ends."""
        _X11.XCloseDisplay(self._display)

    def windows(self) -> list[Window]:
        """Return the windows in sight, the topmost last; menus and tool tips are none."""
        parent, root, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        _X11.XQueryTree(
            self._display, self._root, ctypes.byref(root), ctypes.byref(parent),
            ctypes.byref(children), ctypes.byref(count),
        )  # fmt: skip
        ids = [children[place] for place in range(count.value)]
        if children:
            _X11.XFree(children)
        found = [self._describe(window) for window in ids]
        return [window for window in found if window is not None]

    def focus(self, window: Window) -> None:
        """Put a window before the others and give it the keyboard."""
        _X11.XRaiseWindow(self._display, window.id)
        _X11.XSetInputFocus(self._display, window.id, _REVERT_TO_PARENT, 0)
        _X11.XSync(self._display, 0)

    def press(self, combination: str) -> None:
        """Press keys together, such as ``ctrl+shift+n``, and let go of them."""
        codes = [self._code(name) for name in combination.split("+")]
        for code in codes:
            _XTST.XTestFakeKeyEvent(self._display, code, 1, 0)
        for code in reversed(codes):
            _XTST.XTestFakeKeyEvent(self._display, code, 0, 0)
        _X11.XSync(self._display, 0)

    def write(self, text: str) -> None:
        """Type a text of plain letters, a key at a time."""
        for letter in text:
            code = _X11.XKeysymToKeycode(self._display, ord(letter))
            plain = _X11.XkbKeycodeToKeysym(self._display, code, 0, 0) == ord(letter)
            assert code, f"there is no key for {letter!r}"
            self.press(letter if plain else f"shift+{letter}" if letter != "+" else "shift+=")

    def click(self, x: int, y: int, *, times: int = 1) -> None:
        """Move the pointer to a place of the screen and click."""
        _XTST.XTestFakeMotionEvent(self._display, -1, x, y, 0)
        for _turn in range(times):
            _XTST.XTestFakeButtonEvent(self._display, _LEFT_BUTTON, 1, 0)
            _XTST.XTestFakeButtonEvent(self._display, _LEFT_BUTTON, 0, 0)
        _X11.XSync(self._display, 0)

    def ask_to_close(self, window: Window) -> None:
        """Tell a window what a window manager tells when its cross is clicked."""
        message = _ClientMessage(
            type=_CLIENT_MESSAGE, display=self._display, window=window.id,
            message_type=self._atom("WM_PROTOCOLS"), format=32,
        )  # fmt: skip
        message.data[0] = self._atom("WM_DELETE_WINDOW")
        _X11.XSendEvent(self._display, window.id, 0, 0, ctypes.byref(message))
        _X11.XSync(self._display, 0)

    def picture(self) -> QImage:
        """Return what the screen shows."""
        attributes = _Attributes()
        _X11.XGetWindowAttributes(self._display, self._root, ctypes.byref(attributes))
        image = _X11.XGetImage(
            self._display, self._root, 0, 0, attributes.width, attributes.height,
            _ALL_PLANES, _Z_PIXMAP,
        )  # fmt: skip
        held = image.contents
        data = ctypes.string_at(held.data, held.bytes_per_line * held.height)
        picture = QImage(
            data, held.width, held.height, held.bytes_per_line, QImage.Format.Format_RGB32
        ).copy()
        _X11.XDestroyImage(image)
        return picture

    def _code(self, name: str) -> int:
        keysym = _KEYSYMS.get(name) or (ord(name) if len(name) == 1 else 0)
        if not keysym and name[0] == "F":
            keysym = _F1 - 1 + int(name[1:])
        # There are codes for no keysym at all.
        code: int = _X11.XKeysymToKeycode(self._display, keysym) if keysym else 0
        assert code, f"there is no key {name}"
        return code

    def _atom(self, name: str) -> int:
        atom: int = _X11.XInternAtom(self._display, name.encode(), 0)
        return atom

    def _describe(self, window: int) -> Window | None:
        seen = _Attributes()
        if not _X11.XGetWindowAttributes(self._display, window, ctypes.byref(seen)):
            return None
        if seen.map_state != _VIEWABLE or seen.override_redirect:
            return None
        title = self._title(window)
        return Window(window, title, seen.x, seen.y, seen.width, seen.height)

    def _title(self, window: int) -> str:
        kind, size = ctypes.c_ulong(), ctypes.c_int()
        count, left = ctypes.c_ulong(), ctypes.c_ulong()
        value = ctypes.c_void_p()
        _X11.XGetWindowProperty(
            self._display, window, self._atom("_NET_WM_NAME"), 0, _LONGEST_PROPERTY, 0, 0,
            ctypes.byref(kind), ctypes.byref(size), ctypes.byref(count), ctypes.byref(left),
            ctypes.byref(value),
        )  # fmt: skip
        if not value.value:
            return ""
        text = ctypes.string_at(value.value, count.value).decode("utf-8", "replace")
        _X11.XFree(value)
        return text


@contextmanager
def screen_of(name: str) -> Iterator[Screen]:
    """Give a connection to a screen while the block lasts."""
    screen = Screen(name)
    try:
        yield screen
    finally:
        screen.close()
