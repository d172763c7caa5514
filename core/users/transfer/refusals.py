"""What was refused of a file, counted and written down."""

import csv
import io
from collections.abc import Iterable

from core.translation import _, ngettext
from core.users.transfer.cells import guarded
from core.users.transfer.plan import Batch
from core.users.transfer.schemas import ImportReport, RefusedLine

MOST_LISTED = 10_000


class Tally:
    """Counts what becomes of the rows of a file."""

    def __init__(self) -> None:
        self.rows = 0
        self.created = 0
        self.updated = 0
        self.skipped = 0
        self.refused = 0
        self.refusals: list[RefusedLine] = []
        self.last_line = 0

    def take(self, batch: Batch) -> None:
        """Count some more rows."""
        self.rows += batch.rows
        self.created += len(batch.new)
        self.updated += len(batch.changed) + batch.same
        self.skipped += batch.skipped
        self.refuse(batch.refused, batch.refusals)

    def in_words(self) -> str:
        """Return how far it is."""
        return ngettext(
            "{rows} row read, {refused} refused", "{rows} rows read, {refused} refused",
            self.rows,
        ).format(rows=self.rows, refused=self.refused)  # fmt: skip

    def report(self, *, stored: bool) -> ImportReport:
        """Return the figures."""
        return ImportReport(
            rows=self.rows,
            created=self.created,
            updated=self.updated,
            skipped=self.skipped,
            refused=self.refused,
            refusals=tuple(self.refusals),
            stored=stored,
        )

    def refuse(self, rows: int, refusals: Iterable[RefusedLine]) -> None:
        """Count rows that cannot be stored; of very many, list the first only."""
        found = list(refusals)
        self.refused += rows
        self.refusals += found[: max(MOST_LISTED - len(self.refusals), 0)]


def as_csv(refusals: Iterable[RefusedLine]) -> bytes:
    """Return a table for spreadsheets; nothing in it is run as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_("Line"), _("Field"), _("Value"), _("Reason")])
    for one in refusals:
        cells = [str(one.line), one.field, one.value, one.reason]
        writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")
