"""The steps of the tour about the care of a database: its room, maintenance, backups, speed."""

from core.performance.benchmarks.schemas import BenchmarkKind
from core.performance.maintenance.schemas import Task
from desktop.performance.benchmarks import BenchmarksPage
from desktop.performance.maintenance import MaintenancePage
from desktop.performance.recommendations.page import RecommendationsPage
from desktop.performance.storage import StoragePage
from desktop.tour.guide import LARGE, SIZE, Guide, Step, TourError
from desktop.tour.performance_steps import show


async def storage(guide: Guide) -> str:
    """Measure what takes the room, and look at rows of the largest table."""
    page = show(guide, "storage", StoragePage)
    await guide.until(lambda: page.holder.filled, "the page of the storage")
    if page.view.empty.isVisibleTo(page.view):
        await guide.picture("performance-storage-empty")
    await page.analyse()
    rows = page.view.table.list_model.rows
    if not rows:
        raise TourError("Nothing was measured.")
    page.view.map.choose(rows[0].name)
    await guide.picture("performance-storage")
    guide.window.resize(*LARGE)
    await guide.picture("performance-storage-large")
    guide.window.resize(*SIZE)
    page.view.preview.choose("projects")
    preview = page.view.preview
    await guide.until(lambda: preview.rows.list_model.rowCount() > 0, "the rows")
    page.view.ensureWidgetVisible(preview)
    await guide.picture("performance-rows")
    page.view.verticalScrollBar().setValue(0)
    return f"{len(rows)} tables and indexes, the largest is {rows[0].name}"


async def benchmarks(guide: Guide) -> str:
    """Measure single reads, then the same with each profile."""
    page = show(guide, "benchmarks", BenchmarksPage)
    await guide.until(lambda: page.holder.filled, "the page of benchmarks")
    form = page.view.settings.form
    form.set_values({"kind": BenchmarkKind.READS, "rows": 1_000, "operations": 400})
    settings = page.view.settings.settings
    await page.run(settings)
    history = page.view.history.table.list_model
    await guide.until(lambda: len(history.rows) > 0, "the result")
    await guide.picture("performance-benchmark")
    await page.run_profiles(settings.model_copy(update={"operations": 100, "warm_up": 0}))
    await guide.until(lambda: page.view.profiles.isVisibleTo(page.view), "the profiles")
    await page.compare(history.rows[-1].id, history.rows[0].id)
    page.view.ensureWidgetVisible(page.view.profiles)
    await guide.picture("performance-profiles")
    page.view.comparison.hide()
    page.view.verticalScrollBar().setValue(0)
    return (
        f"{len(history.rows)} benchmarks, {page.view.result.cards['p95_ms'].figure.text()} p95"
    )


async def maintenance(guide: Guide) -> str:
    """Check the database, pack it, and look at what was done."""
    page = show(guide, "maintenance", MaintenancePage)
    await guide.until(lambda: page.holder.filled, "the page of maintenance")
    for task in (Task.INTEGRITY_CHECK, Task.ANALYZE, Task.VACUUM):
        await page.run(task)
        if page.view.rows[task].place.error.isVisibleTo(page.view):
            raise TourError(page.view.rows[task].place.error.title.text())
    history = page.view.history.table.list_model
    await guide.until(lambda: _done(page) >= 3, "the history")
    await guide.picture("performance-maintenance")
    guide.window.resize(*LARGE)
    await guide.picture("performance-maintenance-large")
    guide.window.resize(*SIZE)
    return f"{len(history.rows)} deeds done"


async def backups(guide: Guide) -> str:
    """Make a backup, restore it for a trial, and look at the schedule."""
    page = show(guide, "maintenance", MaintenancePage)
    part = page.backups
    await guide.until(lambda: part.holder.filled, "the backups")
    await part.make(None)
    rows = part.card.table.list_model
    await guide.until(lambda: len(rows.rows) > 0, "the backup")
    part.card.table.choose(rows.rows[0].name)
    await part.verify(rows.rows[0])
    await guide.until(lambda: rows.rows[0].verified_at is not None, "the verdict")
    page.view.ensureWidgetVisible(part.holder)
    await guide.picture("performance-backups")
    await part.edit_rules()
    if part.form.shown is None:
        raise TourError("The schedule did not open.")
    await guide.picture("performance-schedule", part.form.shown)
    part.form.shown.reject()
    page.view.verticalScrollBar().setValue(0)
    return part.card.result.text()


async def recommendations(guide: Guide) -> str:
    """Look for what would make the database better."""
    page = show(guide, "recommendations", RecommendationsPage)
    await guide.until(lambda: page.holder.filled, "the page of recommendations")
    await page.find()
    if page.view.place.error.isVisibleTo(page.view):
        raise TourError(page.view.place.error.title.text())
    await guide.picture("performance-recommendations")
    return f"{len(page.view.cards)} recommendations"


def _done(page: MaintenancePage) -> int:
    return sum(row.badge.badge is not None for row in page.view.rows.values())


CARE_STEPS = (
    Step("What takes the room", storage),
    Step("What this machine does", benchmarks),
    Step("The care of the database", maintenance),
    Step("Backups", backups),
    Step("What would make it better", recommendations),
)
