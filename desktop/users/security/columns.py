"""The columns of the open sessions and of the audit trail."""

from core.audit.schemas import AuditRow
from core.security.operations import Operation
from core.sign_in.schemas import SessionRow
from core.translation import _
from desktop.figures import ago, brief, exact
from desktop.users import audit_words
from desktop.widgets.paged_table import Column
from desktop.widgets.state_badge import Badge, Tone


def session_columns() -> tuple[Column[SessionRow], ...]:
    """Return the columns of the open sessions."""
    return (
        Column("username", _("Who"), lambda row: row.username, strong=True, width=170,
            fixed=True),
        Column("device", _("Device"), device_words, width=250),
        Column("kind", _("Kind"), lambda row: session_badge(row).word, badge=session_badge,
            width=150),
        Column("created_at", _("Since"), lambda row: brief(row.created_at), muted=True,
            tip=lambda row: exact(row.created_at), value=lambda row: row.created_at, width=150),
        Column("last_seen_at", _("Last seen"), lambda row: ago(row.last_seen_at), muted=True,
            tip=lambda row: exact(row.last_seen_at), value=lambda row: row.last_seen_at,
            width=140),
        Column("expires_at", _("Ends at the latest"), lambda row: brief(row.expires_at),
            muted=True, tip=lambda row: exact(row.expires_at),
            value=lambda row: row.expires_at, width=150),
    )  # fmt: skip


def audit_columns() -> tuple[Column[AuditRow], ...]:
    """Return the columns of the audit trail."""
    return (
        Column("at", _("When"), lambda row: brief(row.at), muted=True, width=156, fixed=True,
            tip=lambda row: exact(row.at), value=lambda row: row.at),
        Column("actor", _("Who"), lambda row: row.actor, strong=True, width=130),
        Column("operation", _("What"), lambda row: deed_badge(row).word, badge=deed_badge,
            width=264, value=lambda row: row.operation),
        Column("subject", _("To what"), audit_words.subject_words, width=160),
        Column("changes", _("Details"), audit_words.summary, width=320, muted=True,
            value=lambda row: dict(row.changes)),
        Column("origin", _("Through"), lambda row: audit_words.origin_words(row.origin),
            width=120, shown=False),
        Column("id", _("Number"), lambda row: str(row.id), right=True, width=90, sort="id",
            shown=False, value=lambda row: row.id),
    )  # fmt: skip


def deed_badge(row: AuditRow) -> Badge:
    """Return what was done, as icon and words; trouble stands out."""
    words = audit_words.deed_words(row.operation)
    if row.operation in audit_words.ALARMING:
        return Badge(words, "warning", Tone.WARNING)
    if row.operation == Operation.AUDIT_VERIFY.key and row.changes.get("broken_at"):
        return Badge(words, "shield-warning", Tone.FAILURE)
    return Badge(words, audit_words.deed_icon(row.operation), Tone.QUIET)


def device_words(row: SessionRow) -> str:
    """Return on what a session is open."""
    return row.device or _("Unknown device")


def session_badge(row: SessionRow) -> Badge:
    """Return what is special about a session, as icon and word."""
    if row.current:
        return Badge(_("This session"), "check", Tone.ACCENT)
    if row.remembered:
        return Badge(_("Remembered"), "key-return", Tone.QUIET)
    return Badge(_("Until closed"), "desktop", Tone.QUIET)
