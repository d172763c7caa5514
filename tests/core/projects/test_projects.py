"""Projects: what is taken, what is refused with a message at its field, who wins."""

import asyncio
import shutil
from pathlib import Path

import pydantic
import pytest
from sqlalchemy import text

from core.builds.schemas import BuildState
from core.errors import ConflictError, NotFoundError, PermissionDeniedError, ValidationError
from core.projects.schemas import ProjectCreate, ProjectRow
from core.security.actors import Actor, Origin, Role
from tests.core.running import Bench


def data(project: ProjectRow, **changes: object) -> ProjectCreate:
    """Return the input that would leave a project as it is, but for changes."""
    values = {name: getattr(project, name) for name in ProjectCreate.model_fields
              if name != "secrets"}  # fmt: skip
    secrets = dict.fromkeys(project.secret_names)
    return ProjectCreate.model_validate({**values, "secrets": secrets, **changes})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "  "), ("name", "x" * 101), ("name", "a\0b"), ("name", "a\x1bb"),
        ("path", ""), ("path", "/a\0b"), ("command", ""), ("command", " \n\t"),
        ("command", "a\0b"), ("timeout_s", 0), ("timeout_s", -1), ("timeout_s", 10**9),
        ("silence_timeout_s", 0), ("grace_s", -1), ("environment", {"1A": "x"}),
        ("environment", {"A B": "x"}), ("environment", {"": "x"}), ("environment", {"A": "\0"}),
        ("environment", {"A=B": "x"}), ("environment", {"A\n": "x"}),
        ("environment", {"Ä": ""}),
        ("secrets", {"A": "short"}), ("secrets", {"A-B": "long enough"}), ("type", "cobol"),
    ],
)  # fmt: skip
def test_input_that_is_refused(field: str, value: object) -> None:
    good = {"name": "x", "path": "/", "command": "true"}
    with pytest.raises(pydantic.ValidationError) as caught:
        ProjectCreate.model_validate({**good, field: value})
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


def test_secrets_are_not_in_the_text_of_the_input() -> None:
    made = ProjectCreate(name="x", path="/", command="y", secrets={"A": "long enough"})
    assert "long enough" not in repr(made)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("relative", "whole path"),
        ("{folder}/missing", "does not exist"),
        ("{folder}/file", "not a folder"),
        ("{folder}/file/below", "does not exist"),
    ],
)
async def test_paths_that_are_refused(bench: Bench, path: str, words: str) -> None:
    (bench.folder / "file").touch()
    with pytest.raises(ValidationError) as caught:
        await bench.project(path=path.format(folder=bench.folder))
    assert words in caught.value.fields["path"]
    assert await bench.workspace.projects.list_all(bench.actor) == ()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/" + "x" * 4_000, "too long for this disk"),
        ("~nobody-of-this-name/x", "can be no folder of this name"),
    ],
)
async def test_paths_that_cannot_be_reached(bench: Bench, path: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        await bench.project(path=path)
    assert words in caught.value.fields["path"]


async def test_name_taken_in_any_case(bench: Bench) -> None:
    first = await bench.project(name="Nightly")
    second = await bench.project(name="Other")
    with pytest.raises(ValidationError, match="not saved") as caught:
        await bench.project(name="nIGHTLY ")
    assert "nIGHTLY" in caught.value.fields["name"]
    update = bench.workspace.projects.update
    with pytest.raises(ValidationError) as caught:
        await update(
            bench.actor, project_id=second.id, version=1, data=data(second, name="NIGHTLY")
        )
    assert "name" in caught.value.fields
    renamed = await update(
        bench.actor, project_id=first.id, version=1, data=data(first, name="NIGHTLY")
    )
    assert (renamed.name, renamed.version) == ("NIGHTLY", 2)


async def test_of_two_editors_the_second_is_told(bench: Bench) -> None:
    project = await bench.project()
    update = bench.workspace.projects.update
    results = await asyncio.gather(
        *(
            update(bench.actor, project_id=project.id, version=1, data=data(project, name=name))
            for name in ("one", "two", "three")
        ),
        return_exceptions=True,
    )
    saved = [result for result in results if isinstance(result, ProjectRow)]
    told = [result for result in results if isinstance(result, ConflictError)]
    assert (len(saved), len(told)) == (1, 2)
    assert all(error.hint for error in told)
    stored = await bench.workspace.projects.get(bench.actor, project_id=project.id)
    assert (stored.name, stored.version) == (saved[0].name, 2)


async def test_secret_that_is_not_entered_again_is_kept(bench: Bench) -> None:
    project = await bench.project(secrets={"A": "first secret", "B": "second secret"})
    changed = data(project, secrets={"A": None, "B": "another secret", "C": None})
    projects = bench.workspace.projects
    saved = await projects.update(bench.actor, project_id=project.id, version=1, data=changed)
    assert saved.secret_names == ("A", "B")
    opened = await projects.secrets(bench.actor, project_id=project.id)
    assert opened == {"A": "first secret", "B": "another secret"}


@pytest.mark.expected_log("could not be started")
async def test_secret_without_its_key_keeps_a_build_from_starting(
    bench: Bench, home: Path
) -> None:
    project = await bench.project("true", secrets={"A": "a secret of this computer"})
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text('UPDATE projects SET secrets = \'{"A": "1:9:AAAA"}\' WHERE id = :id'),
            {"id": project.id},
        )
        await unit.commit()
    build = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    ended = await bench.end(build.id)
    assert ended.state is BuildState.FAILED
    assert "its key is not on this computer" in ended.message


async def test_inactive_project_builds_nothing(bench: Bench) -> None:
    project = await bench.project(active=False)
    with pytest.raises(ConflictError, match="not active") as caught:
        await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    assert caught.value.hint


async def test_delete_takes_builds_and_logs_along(bench: Bench) -> None:
    build = await bench.run("echo 'a.c:1: error: x'")
    other = await bench.run("echo stays")
    await bench.workspace.projects.delete(bench.actor, project_id=build.project_id)
    with pytest.raises(NotFoundError):
        await bench.get(build.id)
    async with bench.workspace.database.read() as session:
        for table in ("build_log_chunks", "build_log_marks"):
            ids = await session.scalars(text(f"SELECT DISTINCT build_id FROM {table}"))
            assert set(ids) <= {other.id}
    assert await bench.texts(other.id) == ["stays"]
    with pytest.raises(NotFoundError):
        await bench.workspace.projects.delete(bench.actor, project_id=build.project_id)
    with pytest.raises(NotFoundError):
        await bench.workspace.builds.queue(bench.actor, project_id=build.project_id)


async def test_project_with_a_running_build_stays(bench: Bench) -> None:
    build = await bench.queue("echo up; exec sleep 600")
    await bench.printed(build.id, "up")
    with pytest.raises(ConflictError, match="running"):
        await bench.workspace.projects.delete(bench.actor, project_id=build.project_id)
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    await bench.end(build.id)
    await bench.workspace.projects.delete(bench.actor, project_id=build.project_id)


async def test_list_shows_builds_and_rate(bench: Bench) -> None:
    script = bench.folder / "x"
    project = await bench.project("cat x")
    for number in range(3):
        if number:
            script.touch()
        build = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
        await bench.end(build.id)
    other = await bench.project(name="A first")
    first, second = await bench.workspace.projects.list_all(bench.actor)
    assert (first.id, first.builds, first.success_rate, first.recent) == (other.id, 0, None, ())
    assert second.builds == 3
    assert second.success_rate == pytest.approx(2 / 3)
    assert [bar.state for bar in second.recent] == ["failed", "success", "success"]


async def test_only_administrators_change_commands(bench: Bench) -> None:
    project = await bench.project()
    for role in (Role.VIEWER, Role.OPERATOR):
        actor = Actor("somebody", role, Origin.SCRIPT)
        service = bench.workspace.projects
        with pytest.raises(PermissionDeniedError):
            await service.create(actor, data=data(project, name="another"))
        with pytest.raises(PermissionDeniedError):
            await service.update(actor, project_id=project.id, version=1, data=data(project))
        with pytest.raises(PermissionDeniedError):
            await service.delete(actor, project_id=project.id)
        assert (await service.get(actor, project_id=project.id)).name == project.name


async def test_command_of_a_queued_build_is_that_of_its_moment(bench: Bench) -> None:
    gate = bench.folder / "gate"
    project = await bench.project(f"until [ -e {gate} ]; do sleep 0.02; done; echo old")
    queue = bench.workspace.builds.queue
    builds = [await queue(bench.actor, project_id=project.id) for _i in range(2)]
    changed = data(project, command="echo new")
    update = bench.workspace.projects.update
    await update(bench.actor, project_id=project.id, version=1, data=changed)
    builds.append(await queue(bench.actor, project_id=project.id))
    gate.touch()
    for build, expected in zip(builds, ("old", "old", "new"), strict=True):
        await bench.end(build.id)
        assert await bench.texts(build.id) == [expected]
    shutil.rmtree(bench.folder)


@pytest.mark.parametrize(
    "user",
    ["u:p", ":p", "ghp_" + "a1" * 18, "github_pat_11AB", "glpat-a1b2", "0123456789abcdef" * 3],
)
def test_no_address_holds_what_lets_somebody_in(user: str) -> None:
    """Seen to take tokens, which then stood in exports, the trail and command lines."""
    with pytest.raises(pydantic.ValidationError, match="credential helper") as refused:
        ProjectCreate(name="a", path="/", command="x", repository_url=f"https://{user}@h/x")
    assert user not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://ada@bitbucket.org/a/b", "https://an-organisation@dev.azure.com/a", "a@h:b"]
)
def test_who_asks_may_stand_in_an_address(url: str) -> None:
    data = ProjectCreate(name="a", path="/", command="x", repository_url=url)
    assert data.repository_url == url
