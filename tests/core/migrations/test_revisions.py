"""The schema that ``migrations/`` makes, against the tables that the core uses."""

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

import core.performance.tables
import core.sign_in.tables
import core.triggers.tables
import core.users.tables  # noqa: F401  # all tables are known
from core import paths
from core.database.engine import BEGIN_OPTION, writer_engine
from core.database.fields.times import utc_now
from core.migrations.service import known_revisions
from core.settings import Durability
from tests.core.running import Bench


def _is_ours(name: str | None, *_about: object) -> bool:
    """Leave out the tables that SQLite keeps for its full-text search."""
    return not str(name).startswith("users_search")


_BY_EXPRESSION = ("ix_projects_name", "ix_builds_waiting")


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "include_name": _is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return [
        change
        for change in compare_metadata(context, SQLModel.metadata)
        # Indexes by expression cannot be compared; other tests look at them.
        if not (change[0] in ("add_index", "remove_index") and change[1].name in _BY_EXPRESSION)
    ]


@pytest.mark.expected_log(
    "Generating approximate signature for index Index\\('ix_(projects_name|builds_waiting)'"
)
async def test_tables_are_what_the_models_say(bench: Bench) -> None:
    async with bench.workspace.database.writer.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_names_of_projects_are_unique_in_any_case(bench: Bench) -> None:
    async with bench.workspace.database.read() as session:
        query = "SELECT sql FROM sqlite_master WHERE name = 'ix_projects_name'"
        sql = str(await session.scalar(sa.text(query)))
    assert "UNIQUE" in sql
    assert "COLLATE NOCASE" in sql


def test_revisions_are_known_without_alembic() -> None:
    assert known_revisions() == ("0001", "0002", "0003", "0004")


def _downgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations()))
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


def _tables(connection: Connection) -> set[str]:
    names = set(sa.inspect(connection).get_table_names())
    return {name for name in names if not name.startswith(("alembic_", "users_search_"))}


def _fill_empty_tables(connection: Connection) -> None:
    """Put a row into each table that has none; what it says is nonsense of the stored type."""
    stored = sa.MetaData()
    stored.reflect(connection, only=list(SQLModel.metadata.tables))
    for table in stored.sorted_tables:
        if connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0:
            row = {column.name: _some(column) for column in table.columns}
            connection.execute(table.insert().values(row))


def _some(column: sa.Column[object]) -> object:
    if isinstance(column.type, sa.JSON):
        return ["x"]
    if column.name == "tags":
        return '["x"]'
    values = {int: 1, float: 1.0, str: "x", bool: True, datetime: utc_now(), bytes: b"x"}
    return values[column.type.python_type]


async def test_downgrade_with_rows_in_every_table(bench: Bench, tmp_path: Path) -> None:
    await bench.run("echo 'a.c:1: error: x'")
    database = bench.workspace.database
    await bench.core.workspaces.close(bench.workspace)
    engine = writer_engine(database.path, Durability.FULL)
    async with engine.connect() as connection:
        await connection.execution_options(**{BEGIN_OPTION: None})
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.run_sync(_fill_empty_tables)
        for table in await connection.run_sync(_tables):
            count = await connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"')
            assert count.scalar_one() > 0, table
        view = await connection.exec_driver_sql("SELECT total FROM build_performance_stats")
        assert view.scalar_one() == 1
        await connection.rollback()
        await connection.execution_options(**{BEGIN_OPTION: "IMMEDIATE"})
        async with connection.begin():
            await connection.run_sync(_downgrade)
        assert await connection.run_sync(_tables) <= {"sqlite_sequence"}
        await connection.rollback()
    await engine.dispose()
