"""What a deed of maintenance is called, and what came out of it, in words."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ExternalError
from core.performance.maintenance.schemas import MOST_FINDINGS, Task
from core.translation import _, ngettext

_Text = Annotated[str, Field(max_length=1_000_000)]
_MOST_NAMED = 5
_LONGEST_NAME = 100


class _Answer(BaseModel):
    """An answer of the child, which may have met a file that somebody made to harm it."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Packed(_Answer):
    log_emptied: bool


class _Done(_Answer):
    done: Annotated[int, Field(ge=0)]


class _Moved(_Answer):
    busy: bool
    log: int
    moved: int


class _Finding(_Answer):
    message: _Text
    table: _Text
    index: _Text


class _Checked(_Answer):
    findings: Annotated[list[_Finding], Field(max_length=MOST_FINDINGS)]


class _Violation(_Answer):
    table: _Text
    rowid: int | None
    parent: _Text
    columns: list[_Text]


class _Unchecked(_Answer):
    table: _Text
    message: _Text


class _Keys(_Answer):
    violations: Annotated[list[_Violation], Field(max_length=MOST_FINDINGS)]
    count: Annotated[int, Field(ge=0)]
    problems: Annotated[list[_Unchecked], Field(max_length=MOST_FINDINGS)]


def job_words(task: Task) -> str:
    """Return what is being done, for whoever waits for it."""
    words = {
        Task.VACUUM: _("Packing the database"),
        Task.INCREMENTAL_VACUUM: _("Giving free pages back"),
        Task.ANALYZE: _("Counting rows and values"),
        Task.REINDEX: _("Building indexes anew"),
        Task.OPTIMIZE: _("Optimising"),
        Task.CHECKPOINT: _("Emptying the write-ahead log"),
        Task.INTEGRITY_CHECK: _("Checking the database"),
        Task.QUICK_CHECK: _("Checking the database quickly"),
        Task.FOREIGN_KEY_CHECK: _("Checking foreign keys"),
        Task.BACKUP: _("Making a backup"),
        Task.RESTORE: _("Restoring a backup"),
        Task.VERIFY: _("Verifying a backup"),
        Task.ADVICE: _("Applying a recommendation"),
        Task.UNDO: _("Taking a recommendation back"),
    }
    return words[task]


def outcome(task: Task, answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    """Return the findings and the message for an answer of the child.

    Raises:
        ExternalError: The answer makes no sense.
    """
    try:
        return _READERS[task](answer)
    except ValidationError as error:
        raise ExternalError(
            _("The maintenance process gave an answer that makes no sense."),
            detail=str(error),
            hint=_("The file may be damaged in an unusual way; check it, or restore a backup."),
        ) from error


def _packed(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    if _Packed.model_validate(answer).log_emptied:
        return (), _("The file was written anew.")
    return (), _(
        "The database was packed. Others are reading, so the write-ahead log stays large and"
        " the file as it was until a later checkpoint."
    )


def _analysed(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    count = _Done.model_validate(answer).done
    words = ngettext("{count} table was counted.", "{count} tables were counted.", count)
    return (), words.format(count=f"{count:,}")


def _reindexed(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    count = _Done.model_validate(answer).done
    words = ngettext("{count} index was built anew.", "{count} indexes were built anew.", count)
    return (), words.format(count=f"{count:,}")


def _optimised(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    count = _Done.model_validate(answer).done
    if not count:
        return (), _("Nothing needed to be done.")
    words = ngettext("{count} table was counted.", "{count} tables were counted.", count)
    return (), words.format(count=f"{count:,}")


def _moved(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    told = _Moved.model_validate(answer)
    if told.log < 0:
        return (), _("The file has no write-ahead log.")
    words = ngettext(
        "{moved} of {count} page of the write-ahead log is in the database.",
        "{moved} of {count} pages of the write-ahead log are in the database.",
        told.log,
    ).format(moved=f"{told.moved:,}", count=f"{told.log:,}")
    if told.busy:
        words += " " + _("Others kept it from being complete; try again when they are done.")
    return (), words


def _checked(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    found = _Checked.model_validate(answer).findings
    told = _found(len(found), more=len(found) >= MOST_FINDINGS)
    # As many as can be read; in the order in which they were met.
    concerned = list(dict.fromkeys(one.table for one in found if one.table))
    if concerned:
        names = ", ".join(map(_quoted, concerned[:_MOST_NAMED]))
        words = _("Concerned: {names} and more.") if concerned[_MOST_NAMED:] else ""
        told += " " + (words or _("Concerned: {names}.")).format(names=names)
    return [_placed(one) for one in found], told


def _quoted(name: str) -> str:
    short = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return _("“{name}”").format(name=short)


def _placed(found: _Finding) -> str:
    """Return a finding with what it concerns before it; the words are SQLite's."""
    if not found.table:
        return found.message
    if not found.index:
        return _("Table {table}: {finding}").format(
            table=_quoted(found.table), finding=found.message
        )
    return _("Index {index} of {table}: {finding}").format(
        index=_quoted(found.index), table=_quoted(found.table), finding=found.message
    )


def _keys(answer: dict[str, Any]) -> tuple[Sequence[str], str]:
    told = _Keys.model_validate(answer)
    unchecked = [
        _("The keys of “{table}” cannot be checked: {why}").format(
            table=problem.table, why=problem.message
        )
        for problem in told.problems
    ]
    findings = [*unchecked, *map(_violated, told.violations)][:MOST_FINDINGS]
    return findings, _found(told.count + len(unchecked), more=False)


def _violated(found: _Violation) -> str:
    values = {
        "table": found.table,
        "columns": ", ".join(found.columns),
        "parent": found.parent,
        "row": found.rowid,
    }
    if found.rowid is None:
        words = _(
            "A row of “{table}” refers by {columns} to a row of “{parent}” that is missing."
        )
    else:
        words = _(
            "Row {row} of “{table}” refers by {columns} to a row of “{parent}” that is missing."
        )
    return words.format(**values)


def _found(count: int, *, more: bool) -> str:
    if not count:
        return _("No problem was found.")
    if more:
        return _("{count} problems were found, and perhaps more.").format(count=f"{count:,}")
    words = ngettext("{count} problem was found.", "{count} problems were found.", count)
    return words.format(count=f"{count:,}")


_READERS = {
    Task.VACUUM: _packed,
    Task.INCREMENTAL_VACUUM: _packed,
    Task.ANALYZE: _analysed,
    Task.REINDEX: _reindexed,
    Task.OPTIMIZE: _optimised,
    Task.CHECKPOINT: _moved,
    Task.INTEGRITY_CHECK: _checked,
    Task.QUICK_CHECK: _checked,
    Task.FOREIGN_KEY_CHECK: _keys,
}
