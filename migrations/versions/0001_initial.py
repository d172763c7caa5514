"""Projects, builds and their logs; leases, changes and settings of the workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _build_id(*, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(
        "build_id",
        sa.Integer,
        sa.ForeignKey("builds.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def upgrade() -> None:
    """Make the tables."""
    _upgrade_database_layer()
    _upgrade_projects()
    _upgrade_builds()
    _upgrade_logs()
    op.execute(
        "CREATE VIEW build_performance_stats AS SELECT project_id, count(*) AS total,"
        " sum(state = 'success') AS successful,"
        " avg(CASE WHEN state = 'success' THEN duration_ms END) AS mean_duration_ms,"
        " max(queued_at) AS last_build FROM builds GROUP BY project_id"
    )


def downgrade() -> None:
    """Drop everything."""
    op.execute("DROP VIEW build_performance_stats")
    for table in (
        "build_log_marks",
        "build_log_chunks",
        "build_numbers",
        "builds",
        "projects",
        "workspace_settings",
        "changes",
        "leases",
    ):
        op.drop_table(table)


def _upgrade_database_layer() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("expires_ms", sa.Integer, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("topic", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "workspace_settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )


def _upgrade_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("environment", sa.JSON, nullable=False),
        sa.Column("secrets", sa.JSON, nullable=False),
        sa.Column("timeout_s", sa.Integer),
        sa.Column("silence_timeout_s", sa.Integer),
        sa.Column("grace_s", sa.Integer, nullable=False),
        sa.Column("terminal", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_name", "projects", [sa.text("name COLLATE NOCASE")], unique=True
    )


def _upgrade_builds() -> None:
    op.create_table(
        "builds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column(
            "project_id",
            sa.Integer,
            sa.ForeignKey("projects.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("exit_code", sa.Integer),
        sa.Column("signal", sa.Integer),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("directory", sa.String, nullable=False),
        sa.Column("environment", sa.JSON, nullable=False),
        sa.Column("secret_names", sa.JSON, nullable=False),
        sa.Column("timeout_s", sa.Integer),
        sa.Column("silence_timeout_s", sa.Integer),
        sa.Column("grace_s", sa.Integer, nullable=False),
        sa.Column("terminal", sa.Boolean, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("retry_of", sa.Integer, sa.ForeignKey("builds.id", ondelete="SET NULL")),
        sa.Column("build_metadata", sa.JSON, nullable=False),
        sa.Column("queued_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("duration_ms", sa.Integer),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("log_lines", sa.Integer, nullable=False),
        sa.Column("log_bytes", sa.Integer, nullable=False),
        sa.Column("log_chunks", sa.Integer, nullable=False),
        sa.Column("log_open", sa.Boolean, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("dropped_first", sa.Integer, nullable=False),
        sa.Column("dropped_lines", sa.Integer, nullable=False),
        sa.Column("dropped_bytes", sa.Integer, nullable=False),
        sa.Column("spool_segment", sa.Integer, nullable=False),
        sa.Column("spool_offset", sa.Integer, nullable=False),
        sa.Column("spool_skip", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_builds_project_number", "builds", ["project_id", "number"], unique=True)
    op.create_index("ix_builds_state", "builds", ["state", "queued_at"])
    op.create_table(
        "build_numbers",
        sa.Column(
            "project_id",
            sa.Integer,
            sa.ForeignKey("projects.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _upgrade_logs() -> None:
    op.create_table(
        "build_log_chunks",
        sa.Column("id", sa.Integer, primary_key=True),
        _build_id(),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("first_line", sa.Integer, nullable=False),
        sa.Column("line_count", sa.Integer, nullable=False),
        sa.Column("continued", sa.Boolean, nullable=False),
        sa.Column("first_ms", sa.Integer, nullable=False),
        sa.Column("last_ms", sa.Integer, nullable=False),
        sa.Column("codec", sa.String, nullable=False),
        sa.Column("raw_size", sa.Integer, nullable=False),
        sa.Column("times", sa.LargeBinary, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_build_log_chunks_line", "build_log_chunks", ["build_id", "first_line"])
    op.create_index(
        "ix_build_log_chunks_sequence",
        "build_log_chunks",
        ["build_id", "sequence"],
        unique=True,
    )
    op.create_table(
        "build_log_marks",
        _build_id(primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sqlite_with_rowid=False,
    )
