"""The list of the review: filtered, searched, and the same people as the review by pages."""

from core.database.query.schemas import Filter, ListQuery, Operator, PageStart
from core.security.actors import Role
from tests.core.rights.test_rights import person
from tests.core.running import Bench


async def found(bench: Bench, query: ListQuery) -> list[str]:
    rights = bench.workspace.rights
    page = await rights.slice(bench.actor, query=query, start=PageStart(), limit=50)
    counted = await rights.count(bench.actor, query=query)
    assert counted.value == len(page.rows)
    return [row.username for row in page.rows]


def where(field: str, value: object) -> ListQuery:
    return ListQuery((Filter(field, Operator.EQ, value),))


async def test_the_list_holds_whom_the_review_holds(bench: Bench) -> None:
    """Seen failing when viewers with a role in one project were forgotten."""
    project = await bench.project()
    await person(bench, "ada", Role.ADMINISTRATOR)
    await person(bench, "bob", Role.OPERATOR)
    await person(bench, "cyd")
    dan = await person(bench, "dan")
    assert dan.user_id is not None
    await bench.workspace.rights.grant(
        bench.actor, project_id=project.id, user_id=dan.user_id, role=Role.OPERATOR
    )
    review = await bench.workspace.rights.review(bench.actor)
    assert [row.username for row in review.rows] == ["ada", "bob", "dan"]
    listed = await bench.workspace.rights.slice(
        bench.actor, query=ListQuery(), start=PageStart(), limit=50
    )
    assert listed.rows == review.rows
    assert await found(bench, where("role", "operator")) == ["bob"]
    assert await found(bench, where("projects", True)) == ["dan"]
    assert await found(bench, where("second_factor", True)) == []
    assert await found(bench, where("username", "ADA")) == ["ada"]
    assert await found(bench, ListQuery(search="da")) == ["dan"]
    assert await found(bench, ListQuery(order=("-username",))) == ["dan", "bob", "ada"]
    names = {field.name for field in await bench.workspace.rights.fields(bench.actor)}
    assert {"username", "role", "second_factor", "active"} <= names
