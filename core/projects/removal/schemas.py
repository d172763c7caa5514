"""What a deletion would take away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consequences:
    """What is gone once a project is deleted.

    ``log_bytes`` is what the logs of its builds take, compressed; ``triggers`` counts its own
    and those of other projects that wait for its success; ``trees`` are the work trees that
    Buildbench keeps of it; ``pinned`` counts those of its builds that somebody wanted to keep.
    The folder of the project itself is never touched.
    """

    builds: int
    log_bytes: int
    artifacts: int
    artifact_bytes: int
    triggers: int
    trees: int
    tree_bytes: int
    pinned: int = 0
