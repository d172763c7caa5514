"""The live view of a build's log: millions of lines, fetched in pages, painted as seen."""

from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.highlight import Needle
from desktop.widgets.log_view.pages import LogSource
from desktop.widgets.log_view.stamps import Times
from desktop.widgets.log_view.view import LogView

__all__ = ["LogSource", "LogView", "Needle", "Times", "plain"]
