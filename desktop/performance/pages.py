"""The table of pages, in the order of the list at the left."""

from core.translation import _
from desktop.performance.alerts.calls import count_open, is_about_alerts
from desktop.performance.alerts.words import open_count
from desktop.performance.page import Badge, GoTo, Page, PageEntry
from desktop.performance.recommendations.calls import count_found, is_about_advice
from desktop.performance.recommendations.words import found_count
from desktop.tabs import TabContext


def _overview(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.overview import OverviewPage

    return OverviewPage(context, go_to)


def _statements(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.statements import StatementsPage

    return StatementsPage(context, go_to)


def _storage(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.storage import StoragePage

    return StoragePage(context, go_to)


def _benchmarks(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.benchmarks import BenchmarksPage

    return BenchmarksPage(context, go_to)


def _maintenance(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.maintenance import MaintenancePage

    return MaintenancePage(context, go_to)


def _recommendations(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.recommendations.page import RecommendationsPage

    return RecommendationsPage(context, go_to)


def _concurrency(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.concurrency import ConcurrencyPage

    return ConcurrencyPage(context, go_to)


def _alerts(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.alerts.page import AlertsPage

    return AlertsPage(context, go_to)


PAGES = (
    PageEntry("overview", lambda: _("Overview"), "gauge", _overview),
    PageEntry("statements", lambda: _("Statements"), "code", _statements),
    PageEntry("storage", lambda: _("Storage"), "hard-drives", _storage),
    PageEntry("benchmarks", lambda: _("Benchmarks"), "timer", _benchmarks),
    PageEntry("maintenance", lambda: _("Maintenance"), "wrench", _maintenance),
    PageEntry(
        "recommendations",
        lambda: _("Recommendations"),
        "lightbulb",
        _recommendations,
        Badge(count_found, found_count, is_about_advice),
    ),
    PageEntry("concurrency", lambda: _("Concurrency"), "stack", _concurrency),
    PageEntry(
        "alerts",
        lambda: _("Alerts"),
        "bell",
        _alerts,
        Badge(count_open, open_count, is_about_alerts),
    ),
)
