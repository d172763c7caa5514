"""People, their sessions and roles, and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SEARCHED = ("username", "display_name", "email")


def upgrade() -> None:
    """Make the tables, and tell of a build who asked for it."""
    _upgrade_users()
    _upgrade_indexes_by_triggers()
    _upgrade_sign_in()
    _upgrade_project_roles()
    _upgrade_audit()
    op.add_column(
        "builds",
        sa.Column("requested_by_uid", sa.String, nullable=False, server_default=""),
    )
    op.create_index("ix_builds_requested_by_uid", "builds", ["requested_by_uid"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_builds_requested_by_uid", "builds")
    op.drop_column("builds", "requested_by_uid")
    for table in (
        "audit_entries",
        "project_roles",
        "sign_in_delays",
        "sessions",
        "user_activity",
        "user_tags",
        "users_search",
        "users",
    ):
        op.drop_table(table)


def _user_id(*, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(
        "user_id",
        sa.Integer,
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def _upgrade_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("username", sa.String, nullable=False),
        sa.Column("username_key", sa.String, nullable=False),
        sa.Column("display_name", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("email", sa.String),
        sa.Column("email_key", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("preferences", sa.Text, nullable=False),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.Column("balance_currency", sa.String, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("password_hash", sa.String),
        sa.Column("password_changed_at", sa.DateTime),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("totp_secret", sa.Text),
        sa.Column("totp_last_step", sa.Integer),
        sa.Column("recovery_codes", sa.JSON, nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime),
        sa.Column("last_active_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("deleted_at", sa.DateTime),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_username_key", "users", ["username_key"], unique=True)
    op.create_index("ix_users_email_key", "users", ["email_key"], unique=True)
    for name, columns in (
        ("listed", ["username_key"]),
        ("display_name", ["display_name"]),
        ("email", ["email_key"]),
        ("role", ["role", "username_key"]),
        ("created_at", ["created_at"]),
        ("last_active_at", ["last_active_at"]),
    ):
        op.create_index(
            f"ix_users_{name}", "users", columns, sqlite_where=sa.text("deleted_at IS NULL")
        )
    op.create_index(
        "ix_users_deleted_at",
        "users",
        ["deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_users_with_password",
        "users",
        ["id"],
        sqlite_where=sa.text("password_hash IS NOT NULL"),
    )
    op.create_table(
        "user_activity",
        sa.Column("id", sa.Integer, primary_key=True),
        _user_id(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_activity_user", "user_activity", ["user_id", "at"])
    op.create_index("ix_user_activity_at", "user_activity", ["at", "user_id"])


def _upgrade_indexes_by_triggers() -> None:
    """Make what finds people by text and by tag, and the triggers that keep it true."""
    op.create_table(
        "user_tags",
        sa.Column("tag", sa.String, primary_key=True),
        _user_id(primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_user_tags_user", "user_tags", ["user_id"])
    columns = ", ".join(_SEARCHED)
    new = ", ".join(f"new.{column}" for column in _SEARCHED)
    old = ", ".join(f"old.{column}" for column in _SEARCHED)
    add_text = f"INSERT INTO users_search (rowid, {columns}) VALUES (new.id, {new});"  # noqa: S608
    drop_text = (
        f"INSERT INTO users_search (users_search, rowid, {columns})"  # noqa: S608
        f" VALUES ('delete', old.id, {old});"
    )
    add_tags = (
        "INSERT OR IGNORE INTO user_tags (tag, user_id)"
        " SELECT value, new.id FROM json_each(new.tags);"
    )
    drop_tags = "DELETE FROM user_tags WHERE user_id = old.id;"
    op.execute(
        f"CREATE VIRTUAL TABLE users_search USING fts5({columns}, content='users',"
        " content_rowid='id', tokenize='trigram', detail='none', columnsize=0)"
    )
    for name, moment, body in (
        ("users_inserted", "INSERT", add_text + add_tags),
        ("users_deleted", "DELETE", drop_text + drop_tags),
        ("users_renamed", f"UPDATE OF {columns}", drop_text + add_text),
        ("users_tagged", "UPDATE OF tags", drop_tags + add_tags),
    ):
        op.execute(f"CREATE TRIGGER {name} AFTER {moment} ON users BEGIN {body} END")


def _upgrade_sign_in() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        _user_id(),
        sa.Column("token_digest", sa.String, nullable=False, unique=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("remembered", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_seen_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("locked_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("ended_why", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id", "ended_at"])
    op.create_table(
        "sign_in_delays",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("attempts", sa.JSON, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("last_attempt_at", sa.DateTime, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime, nullable=False),
    )


def _upgrade_project_roles() -> None:
    op.create_table(
        "project_roles",
        sa.Column(
            "project_id",
            sa.Integer,
            sa.ForeignKey("projects.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        _user_id(primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("granted_by", sa.String, nullable=False),
        sa.Column("granted_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_project_roles_user", "project_roles", ["user_id"])


def _upgrade_audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor_uid", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("session", sa.String, nullable=False),
        sa.Column("operation", sa.String, nullable=False),
        sa.Column("subject_kind", sa.String, nullable=False),
        sa.Column("subject_uid", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("changes", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_audit_entries_subject", "audit_entries", ["subject_kind", "subject_uid", "id"]
    )
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor_uid", "operation", "id"])
    op.create_index("ix_audit_entries_operation", "audit_entries", ["operation", "id"])
