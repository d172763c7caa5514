"""What the service of the rules takes and returns."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Days = Annotated[int, Field(ge=1, le=3_650)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Mebibytes = Annotated[int, Field(ge=1, le=100 * 1024 * 1024)]


class BuildRules(BaseModel):
    """The rules of a workspace for its builds; they travel with it.

    ``parallel`` is how many builds run at once. The rest says what is kept, and None keeps it
    for ever: logs and artifacts for so many days after the end of their build, of so many
    builds of each project, and of all projects together in so many MiB (logs counted as the
    text that was printed; stored they take about a tenth). Whatever comes first counts.

    No log goes, and nothing goes by its age, unless that is asked for. Pinned builds keep
    everything, so does what has not ended; the newest ended build of each project keeps its
    log, its last success also its artifacts. The build itself, with its figures, always stays.
    """

    model_config = ConfigDict(frozen=True)

    parallel: int = Field(default=2, ge=1, le=64)
    logs_days: Days | None = None
    logs_builds: Count | None = None
    logs_mib: Mebibytes | None = None
    artifacts_days: Days | None = None
    artifacts_builds: Count | None = 50
    artifacts_mib: Mebibytes | None = 20 * 1024
