"""Where projects come from and how they are built; triggers, samples, artifacts, problems."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_EMPTY_LIST = sa.text("'[]'")

# What a project says, a build keeps as it was when it was queued.
_SAID_BY_BOTH = (
    ("repository_url", sa.String, ""),
    ("branch", sa.String, ""),
    ("checkout", sa.String, "folder"),
    ("before_steps", sa.JSON, _EMPTY_LIST),
    ("after_steps", sa.JSON, _EMPTY_LIST),
    ("artifact_patterns", sa.JSON, _EMPTY_LIST),
    ("leave_processes", sa.Boolean, sa.false()),
    ("nice", sa.Integer, "0"),
    ("priority", sa.Integer, "0"),
    ("retry_limit", sa.Integer, "0"),
    ("retry_exit_codes", sa.JSON, _EMPTY_LIST),
)
_OF_PROJECTS = (
    ("tags", sa.Text, _EMPTY_LIST),
    ("build_types", sa.JSON, _EMPTY_LIST),
    ("parallel", sa.Integer, "1"),
    ("newest_replaces", sa.Boolean, sa.false()),
)
_OF_BUILDS = (
    ("trigger", sa.String, "manual"),
    ("trigger_detail", sa.String, ""),
    ("build_type", sa.String, ""),
    ("position", sa.Integer, "0"),
    ("attempt", sa.Integer, "1"),
    ("commit_hash", sa.String, ""),
    ("commit_author", sa.String, ""),
    ("commit_subject", sa.String, ""),
    ("note", sa.String, ""),
    ("pinned", sa.Boolean, sa.false()),
    ("samples_offset", sa.Integer, "0"),
    ("artifact_count", sa.Integer, "0"),
    ("artifact_bytes", sa.Integer, "0"),
)
_OF_BUILDS_IF_KNOWN = (
    ("caused_by", sa.Integer),
    ("slot", sa.Integer),
    ("commit_at", sa.DateTime),
    ("dirty", sa.Boolean),
    ("cpu_ms", sa.Integer),
    ("cpu_peak", sa.Float),
    ("memory_peak", sa.Integer),
    ("problems", sa.Integer),
    ("log_removed_at", sa.DateTime),
    ("artifacts_removed_at", sa.DateTime),
)
# Statistics are computed of the first two alone; without the third, deleting a build would go
# through all others, and without the fourth, retention through all whose logs are gone.
_INDEXES = (
    ("ix_builds_finished_at", ("state", "finished_at", "project_id", "duration_ms"), ""),
    ("ix_builds_project_state", ("project_id", "state", "number", "duration_ms"), ""),
    ("ix_builds_retry_of", ("retry_of",), "retry_of IS NOT NULL"),
    ("ix_builds_half_removed", ("id",), "log_removed_at IS NOT NULL AND log_chunks > 0"),
    ("ix_builds_commit", ("project_id", "commit_hash"), "commit_hash <> ''"),
)


def upgrade() -> None:
    """Add the columns and make the tables."""
    for table, columns in (("projects", _OF_PROJECTS), ("builds", _OF_BUILDS)):
        for name, kind, default in (*_SAID_BY_BOTH, *columns):
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
    for name, kind in _OF_BUILDS_IF_KNOWN:
        op.add_column("builds", sa.Column(name, kind))
    op.execute("UPDATE builds SET position = id")
    for name, columns_of_index, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(name, "builds", list(columns_of_index), sqlite_where=condition)
    op.create_index(
        "ix_builds_waiting",
        "builds",
        [sa.text("priority DESC"), "position", "project_id"],
        sqlite_where=sa.text("state = 'pending'"),
    )
    _upgrade_triggers()
    _upgrade_samples()
    _upgrade_artifacts()
    _upgrade_problems()


def downgrade() -> None:
    """Drop them."""
    for table in ("build_problems", "artifacts", "build_samples", "build_triggers"):
        op.drop_table(table)
    op.drop_index("ix_builds_waiting", "builds")
    for name, _columns, _where in _INDEXES:
        op.drop_index(name, "builds")
    for name, _kind in _OF_BUILDS_IF_KNOWN:
        op.drop_column("builds", name)
    for table, columns in (("projects", _OF_PROJECTS), ("builds", _OF_BUILDS)):
        for name, _kind, _default in (*_SAID_BY_BOTH, *columns):
            op.drop_column(table, name)


def _build_id(*, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(
        "build_id",
        sa.Integer,
        sa.ForeignKey("builds.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def _project_id(name: str, *, nullable: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey("projects.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, owner, nullable=nullable)


def _upgrade_triggers() -> None:
    op.create_table(
        "build_triggers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        _project_id("project_id"),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("expression", sa.String, nullable=False),
        sa.Column("interval_s", sa.Integer),
        _project_id("source_project_id", nullable=True),
        sa.Column("branch", sa.String, nullable=False),
        sa.Column("build_type", sa.String, nullable=False),
        sa.Column("next_at", sa.DateTime),
        sa.Column("checked_at", sa.DateTime),
        sa.Column("fired_at", sa.DateTime),
        sa.Column("seen", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_by_uid", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_build_triggers_project_id", "build_triggers", ["project_id"])
    op.create_index("ix_build_triggers_source", "build_triggers", ["source_project_id"])


def _upgrade_samples() -> None:
    op.create_table(
        "build_samples",
        _build_id(primary_key=True),
        sa.Column("offset_ms", sa.Integer, primary_key=True),
        sa.Column("cpu", sa.Float, nullable=False),
        sa.Column("memory", sa.Integer, nullable=False),
        sa.Column("processes", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _upgrade_artifacts() -> None:
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        _build_id(),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("executable", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("modified_at", sa.DateTime, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("removed_at", sa.DateTime),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_artifacts_path", "artifacts", ["build_id", "path"], unique=True)


def _upgrade_problems() -> None:
    op.create_table(
        "build_problems",
        sa.Column("id", sa.Integer, primary_key=True),
        _build_id(),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("tool", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("row", sa.Integer),
        sa.Column("column", sa.Integer),
        sa.Column("message", sa.String, nullable=False),
    )
    op.create_index("ix_build_problems_line", "build_problems", ["build_id", "line"])
