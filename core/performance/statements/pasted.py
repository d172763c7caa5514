"""Explains statements that somebody pasted; none of them is run.

SQLite makes the plans in a process of its own, which may be stopped: see
``core/performance/child/operations/plans.py``.
"""

import asyncio
from collections.abc import Iterator, Sequence

from pydantic import BaseModel
from pydantic import ValidationError as MalformedError

from core.database.database import Database
from core.database.monitor.figures import PlanLine
from core.errors import ExternalError
from core.performance.child.client import run_child
from core.performance.statements.plans import Asked, described
from core.performance.statements.schemas import Explained, Plan
from core.performance.statements.splitting import Piece, split
from core.translation import _

_MOST_TOO_LONG = 3


class _Answer(BaseModel):
    """What the child tells of one statement."""

    lines: list[tuple[int, int, str]] = []
    error: str | None = None


class _Answers(BaseModel):
    """What the child tells."""

    plans: list[_Answer]


async def explain_pasted(database: Database, script: str) -> tuple[Explained, ...]:
    """Return each statement of a text with its plan, or with what is wrong with it.

    Raises:
        AppError: The database cannot be read.
    """
    pieces = await asyncio.to_thread(split, script)
    told = iter(await _answers(database, [piece for piece in pieces if not piece.error]))
    # The same statement may stand there twice.
    answers = [None if piece.error else next(told) for piece in pieces]
    good = [
        Asked(piece.asked, tuple(PlanLine(*line) for line in answer.lines))
        for piece, answer in zip(pieces, answers, strict=True)
        if answer is not None and answer.error is None
    ]
    async with database.read(snapshot=True) as session:
        plans = iter(await described(session, good))
    return tuple(
        _explained(piece, answer, plans) for piece, answer in zip(pieces, answers, strict=True)
    )


async def _answers(database: Database, pieces: Sequence[Piece]) -> list[_Answer]:
    """Ask the child; after a statement that took too long, another one for the rest."""
    answers: list[_Answer] = []
    for _round in range(_MOST_TOO_LONG):
        rest = pieces[len(answers) :]
        if not rest:
            break
        answers += (await _ask(database, rest)).plans[: len(rest)]
    missing = len(pieces) - len(answers)
    return answers + [_Answer(error="")] * missing


async def _ask(database: Database, pieces: Sequence[Piece]) -> _Answers:
    statements = [[piece.asked, piece.parameters] for piece in pieces]
    result = await run_child(
        "plans", path=database.path, mode=_mode(database), statements=statements
    )
    try:
        found = _Answers.model_validate(result)
    except MalformedError as error:
        raise _senseless(str(error)) from error
    if not found.plans:
        raise _senseless("no plans")
    return found


def _mode(database: Database) -> str:
    """Return how the child is to open the file: as this process does."""
    query = database.reader.url.query
    return "immutable" if "immutable" in query else str(query.get("mode", "ro"))


def _explained(piece: Piece, answer: _Answer | None, plans: Iterator[Plan]) -> Explained:
    if answer is None:
        return Explained(piece.sql, None, piece.error)
    if answer.error is None:
        return Explained(piece.sql, next(plans), "")
    error = (
        _("SQLite says: {message}.").format(message=answer.error.rstrip("."))
        if answer.error
        else _("SQLite takes too long to make a plan of it; simplify it.")
    )
    return Explained(piece.sql, None, error)


def _senseless(detail: str) -> ExternalError:
    return ExternalError(
        _("The plans could not be understood."),
        detail=detail,
        hint=_("Try again; if it happens again, look into the log."),
    )
