"""The service of statements: figures with plans, slow runs, and pasted texts that never run."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.app import Core
from core.database.monitor import monitor as counting
from core.errors import PermissionDeniedError
from core.performance.child.operations import plans as planning
from core.performance.statements import pasted
from core.performance.statements.schemas import PlanVerdict, StatementKind
from core.performance.statements.service import StatementService
from core.progress import Progress
from core.security.actors import Actor, Origin, Role
from core.workspaces.workspace import Workspace
from tests.core.running import Bench

_HOSTILE = """
ATTACH DATABASE 'stolen.db' AS stolen;
PRAGMA writable_schema = ON;
EXPLAIN PRAGMA query_only = OFF;
SELECT load_extension('/tmp/evil.so');
DELETE FROM items;
INSERT INTO items (word) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT hex(randomblob(1000000)) FROM n;
CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; SELECT ';'; END;
SELEC * FROM items;
SELECT missing FROM items;
SELECT ((((1;
SELECT 'never closed
"""


@pytest.fixture
def statements(workspace: Workspace) -> StatementService:
    """Return the service of a new workspace."""
    return workspace.performance.statements


@pytest.fixture
async def plain(core: Core, tmp_path: Path) -> Workspace:
    """Return a database of another program, with 5,000 rows."""
    path = tmp_path / "plain.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, word TEXT)")
    rows = [(f"word {number}",) for number in range(5_000)]
    connection.executemany("INSERT INTO items (word) VALUES (?)", rows)
    connection.commit()
    connection.close()
    return await core.workspaces.open(path)


async def test_statements_are_listed_with_their_plans(
    bench: Bench, statements: StatementService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing without plans for statements that were quick."""
    monkeypatch.setattr(counting, "_FIRST_PLAN_AFTER_S", -1.0)
    await statements.reset(bench.actor)
    for _number in range(3):
        await bench.workspace.audit.verify(bench.actor, progress=Progress(lambda: None))
    listed = await statements.list_of(bench.actor)
    reads = [row for row in listed.rows if row.kind is StatementKind.READ]
    assert [row.verdict for row in reads if row.verdict is None] == []
    for row in reads:
        assert row.plan_words
        assert row.mean_ms * row.count == pytest.approx(row.total_ms)
        assert row.p50_ms <= row.p95_ms <= row.p99_ms <= row.max_ms
        assert row.last_at >= listed.since
        plan = await statements.plan_of(bench.actor, fingerprint=row.fingerprint)
        assert plan is not None
        assert plan.verdict is row.verdict
    assert sum(row.count for row in listed.rows) + listed.dropped == listed.total


async def test_a_slow_run_names_who_asked(
    bench: Bench, statements: StatementService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with the frames of the greenlet alone, which are all of SQLAlchemy."""
    monkeypatch.setattr(counting, "_SHORTEST_SLOW_S", 0.0)
    bench.workspace.database.monitor.slow_ms = lambda: 0.0
    project = await bench.project()
    slow = await statements.slow(bench.actor)
    (insert,) = [run for run in slow if run.text.startswith("INSERT INTO projects")]
    function, _colon, line = insert.caller.partition(":")
    assert function == "core.projects.repository.ProjectRepository.add"
    assert int(line) > 0
    places = {run.caller.partition(":")[0] for run in slow}
    assert "core.projects.service.ProjectService.create" in places
    assert all(place.startswith("core.") for place in places)
    assert insert.rows == 1
    assert f"str({len(project.name)})" in insert.parameter_types
    assert insert.plan is not None
    only = await statements.slow(bench.actor, fingerprint=insert.fingerprint)
    assert {run.fingerprint for run in only} == {insert.fingerprint}
    assert project.name not in repr(slow) + repr(await statements.list_of(bench.actor))


async def test_the_threshold_is_a_setting(core: Core, workspace: Workspace) -> None:
    assert workspace.database.monitor.slow_ms() == 100
    core.settings.change(slow_statement_ms=250)
    assert workspace.database.monitor.slow_ms() == 250


async def test_a_quick_statement_is_explained_when_asked(
    bench: Bench, statements: StatementService
) -> None:
    await statements.reset(bench.actor)
    await bench.workspace.audit.verify(bench.actor, progress=Progress(lambda: None))
    rows = (await statements.list_of(bench.actor)).rows
    (row, *_more) = [row for row in rows if " FROM audit_entries" in row.text]
    assert await statements.plan_of(bench.actor, fingerprint=row.fingerprint) is not None
    (begin, *_more) = [row for row in rows if row.kind is StatementKind.OTHER]
    assert await statements.plan_of(bench.actor, fingerprint=begin.fingerprint) is None
    assert await statements.plan_of(bench.actor, fingerprint="unknown") is None


async def test_forgetting_is_for_operators_and_is_recorded(
    bench: Bench, statements: StatementService
) -> None:
    viewer = Actor("a viewer", Role.VIEWER, Origin.SCRIPT)
    with pytest.raises(PermissionDeniedError):
        await statements.reset(viewer)
    await statements.reset(bench.actor)
    texts = [row.text for row in (await statements.list_of(bench.actor)).rows]
    assert not any(text.startswith("INSERT INTO audit_entries") for text in texts)
    async with bench.workspace.database.read() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql(
            "SELECT count(*) FROM audit_entries WHERE operation = 'statements.reset'"
        )
        assert found.scalar_one() == 1


async def test_hostile_statements_change_nothing(plain: Workspace, actor: Actor) -> None:
    """Seen failing with the statements run in the place of explained."""
    path = plain.info.path
    before = path.with_name("before.db")
    shutil.copy(path, before)
    found = await plain.performance.statements.explain(actor, script=_HOSTILE)
    errors = [(one.sql.split()[0], bool(one.error), one.plan is None) for one in found]
    assert errors == [
        ("ATTACH", True, True),
        ("PRAGMA", True, True),
        ("EXPLAIN", True, True),
        ("SELECT", True, True),
        ("DELETE", False, False),
        ("INSERT", False, False),
        ("CREATE", True, True),
        ("SELEC", True, True),
        ("SELECT", True, True),
        ("SELECT", True, True),
        ("SELECT", True, True),
    ]
    assert "not authorized" in found[3].error
    assert 'near "SELEC": syntax error' in found[7].error
    assert "no such column: missing" in found[8].error
    await plain.close()
    left = sqlite3.connect(path)
    assert left.execute("SELECT count(*) FROM items").fetchone() == (5_000,)
    left.close()
    assert path.stat().st_size == before.stat().st_size
    assert not path.with_name("stolen.db").exists()


async def test_pasted_statements_are_explained_for_any_file(
    plain: Workspace, actor: Actor
) -> None:
    service = plain.performance.statements
    one, other = await service.explain(
        actor, script="SELECT * FROM items WHERE word = 'x'; select * from items where id = :id"
    )
    assert one.plan is not None
    assert other.plan is not None
    assert one.plan.verdict is PlanVerdict.FULL_SCAN
    assert one.plan.suggestion is not None
    assert one.plan.suggestion.sql == 'CREATE INDEX "ix_items_word" ON "items" ("word")'
    assert one.plan.steps[0].rows == 5_000
    assert other.plan.verdict is PlanVerdict.PRIMARY_KEY
    assert await service.explain(actor, script=" -- nothing\n") == ()


async def test_statements_that_only_cost_time_are_refused(
    plain: Workspace, actor: Actor
) -> None:
    """Each level of the first doubles the work of planning it."""
    bomb = "WITH c0 (x) AS (SELECT 1)" + "".join(
        f", c{n} (x) AS (SELECT a.x FROM c{n - 1} a, c{n - 1} b)" for n in range(1, 30)
    )
    deep = "SELECT " + "(" * 5_000 + "1" + ")" * 5_000
    wide = "SELECT * FROM items WHERE " + " OR ".join(f"word = {n}" for n in range(8_000))
    script = f"{bomb} SELECT * FROM c29; {deep}; {wide}; SELECT 1;"
    *hostile, last = await plain.performance.statements.explain(actor, script=script)
    assert all(one.error for one in hostile[:2])
    assert last.plan is not None


async def test_after_one_that_takes_too_long_the_rest_is_explained(
    plain: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with all of the rest given up as well."""
    asked: list[int] = []

    async def run_child(_operation: str, **arguments: object) -> dict[str, object]:
        rest = arguments["statements"]
        assert isinstance(rest, list)
        asked.append(len(rest))
        line = [2, 0, "SCAN items"]
        return {"plans": [{"lines": [line]}, {"error": ""}][: len(rest)]}

    monkeypatch.setattr(pasted, "run_child", run_child)
    script = "SELECT * FROM items;" * 9
    found = await plain.performance.statements.explain(actor, script=script)
    assert asked == [9, 7, 5]
    kinds = ["too long" if one.error else "plan" for one in found]
    assert kinds == ["plan", "too long"] * 3 + ["too long"] * 3
    assert planning.TOO_LONG_S < 10


_GIVING_UP = """
import sys, threading
import core
from core.performance.child.conversation import Conversation
from core.performance.child.operations import plans
from core.performance.child.protocol import Request

plan = plans._plan
plans.TOO_LONG_S = 0.05
plans._plan = lambda *asked: threading.Event().wait() if asked[1] == "stuck" else plan(*asked)
statements = [["SELECT 1", 0], ["stuck", 0], ["SELECT 2", 0]]
plans.plans(Request("plans", sys.argv[1], {"statements": statements}), Conversation(1))
"""


def test_the_child_ends_where_a_plan_takes_too_long(tmp_path: Path) -> None:
    """Seen failing, by not ending, without the guard."""
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    done = subprocess.run(
        [sys.executable, "-c", _GIVING_UP, str(path)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    answers = json.loads(done.stdout)["result"]["plans"]
    assert [answer.get("error") for answer in answers] == [None, ""]
