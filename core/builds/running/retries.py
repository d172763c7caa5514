"""Queues a failed build again where its project asks for that, with the end of the build."""

from core.builds.queue.queueing import put_again
from core.builds.repository import BuildRepository
from core.builds.schemas import BuildRow, BuildState, Cause, FailureReason, TriggerKind
from core.builds.tables import Build
from core.database.unit_of_work import UnitOfWork
from core.security.actors import Actor, Origin, Role

# Not what was lost, which may have done half of its work, and not what could not even begin.
_WORTH_IT = (
    FailureReason.EXIT_CODE,
    FailureReason.SIGNAL,
    FailureReason.TIMEOUT,
    FailureReason.NO_OUTPUT,
    FailureReason.CHECKOUT,
    FailureReason.BEFORE_STEP,
    FailureReason.AFTER_STEP,
)


async def queue_retry(unit: UnitOfWork, build_id: int) -> BuildRow | None:
    """Queue a build again that has just failed, in the transaction that says so.

    It runs what the failed one ran, for whoever asked for that one. None where the project
    wants no more tries, none after this exit code, or is not active any more.
    """
    repository = BuildRepository(unit.session)
    build = await repository.stored(build_id)
    if build is None or not _is_wanted(build):
        return None
    if not await repository.is_project_active(build.project_id):
        return None
    requester = Actor(
        build.requested_by, Role.OPERATOR, Origin.TRIGGER, uid=build.requested_by_uid
    )
    cause = Cause(
        TriggerKind.AUTOMATIC_RETRY,
        detail=str(build.number),
        build_id=build_id,
        attempt=build.attempt + 1,
    )
    return await put_again(unit, requester, build, cause)


def _is_wanted(build: Build) -> bool:
    """Tell whether the policy of a build, as it was queued, asks for another try."""
    if build.state != BuildState.FAILED.value or build.reason not in _WORTH_IT:
        return False
    limit, attempt, codes = build.retry_limit, build.attempt, build.retry_exit_codes
    if not isinstance(limit, int) or not isinstance(attempt, int) or attempt > limit:
        return False
    return not codes or build.exit_code in codes
