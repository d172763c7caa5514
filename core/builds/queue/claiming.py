"""Which build is next, decided in one statement: nothing is started twice, or side by side.

The index ``ix_builds_waiting`` gives the order; it is named, as the planner would take one of
all states and sort what it finds. What runs are at most some dozens of rows.
"""

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.rules.stored import is_paused, stored_rules
from core.database.fields.times import UtcDateTime, utc_now

# The folder in which a build works; NULL for one that gets a clean work tree of its own.
# Rows may hold anything: JSON that cannot be read must not keep the others waiting.
_TREE = (
    "CASE WHEN {0}.checkout = 'own_tree' AND {0}.repository_url <> '' THEN NULL"
    " ELSE coalesce(CASE WHEN json_valid({0}.build_metadata)"
    " THEN json_extract({0}.build_metadata, '$.tree') END, {0}.directory) END"
)
_NEXT = (
    "WITH active AS MATERIALIZED (SELECT b.project_id,"  # noqa: S608  # no input in it
    " b.repository_url <> '' AS checks_out, "
    + _TREE.format("b")
    + " AS tree FROM builds b WHERE b.state IN ('running', 'cancelling')),"
    " busy AS MATERIALIZED (SELECT p.id FROM active a JOIN projects p ON p.id = a.project_id"
    " GROUP BY p.id HAVING count(*) >= p.parallel)"
    " SELECT w.id FROM builds w INDEXED BY ix_builds_waiting WHERE w.state = 'pending'"
    " AND (SELECT count(*) FROM active) < :parallel"
    " AND w.project_id NOT IN (SELECT id FROM busy)"
    " AND NOT EXISTS (SELECT 1 FROM active a WHERE a.tree = "
    + _TREE.format("w")
    + " AND (a.project_id <> w.project_id OR w.repository_url <> '' OR a.checks_out))"
    " ORDER BY w.priority DESC, w.position LIMIT 1"
)
_LOOK = text(_NEXT)
_CLAIM = text(
    "UPDATE builds SET state = 'running', version = version + 1, started_at = :now,"  # noqa: S608
    f" updated_at = :now WHERE id = ({_NEXT}) RETURNING id"
).bindparams(bindparam("now", type_=UtcDateTime))


async def may_claim(session: AsyncSession) -> bool:
    """Tell whether a build may start now, without the write lock that taking it needs."""
    if await is_paused(session):
        return False
    parallel = (await stored_rules(session)).parallel
    return await session.scalar(_LOOK, {"parallel": parallel}) is not None


async def claim_next(session: AsyncSession) -> int | None:
    """Take the build that is next in the queue; None when none may start.

    By priority, then by position; at most as many at once as the rules of the workspace and
    the project allow. Different projects never build in the same folder at once, nor does a
    build that checks out there beside any other; a project whose folder is built as it
    stands may, where it says so.
    """
    if await is_paused(session):
        return None
    parallel = (await stored_rules(session)).parallel
    claimed: int | None = await session.scalar(_CLAIM, {"now": utc_now(), "parallel": parallel})
    return claimed
