"""Figures of the system, benchmarks, maintenance and alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "system_metrics",
        sa.Column("resolution", sa.String, primary_key=True),
        sa.Column("metric", sa.String, primary_key=True),
        sa.Column("at", sa.DateTime, primary_key=True),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("mean", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    _create("benchmark_runs", "started_at", _OF_BENCHMARKS)
    _create("maintenance_runs", "started_at", _OF_MAINTENANCE)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("raised_at", sa.DateTime, nullable=False),
        sa.Column("cleared_at", sa.DateTime),
        sa.Column("acknowledged_at", sa.DateTime),
        sa.Column("acknowledged_by", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    open_ones = sa.text("cleared_at IS NULL")
    op.create_index("ix_alerts_open", "alerts", ["kind"], unique=True, sqlite_where=open_ones)
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("alerts", "maintenance_runs", "benchmark_runs", "system_metrics"):
        op.drop_table(table)


_OF_BENCHMARKS = (
    "kind", "label", "settings", "result", "state", "message", "machine", "sqlite_version",
    "actor",
)  # fmt: skip
_OF_MAINTENANCE = (
    "task", "state", "subject", "actor", "origin", "before", "after", "findings", "message",
    "undo",
)  # fmt: skip


def _create(table: str, time: str, texts: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        *(sa.Column(name, sa.String, nullable=False) for name in texts),
        sa.Column(time, sa.DateTime, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_{time}", table, [time])
