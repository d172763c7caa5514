"""What of a workspace outlasts that its content is replaced by that of a backup.

Windows compare the versions of topics, and leaders the tokens of leases: both only ever grow.
Whoever was signed in when the backup was made, and has signed out since, must not be in again.
"""

from datetime import UTC, datetime
from urllib.parse import quote

import apsw

_ENDED_WHY = "restored"
_FAR = 1_000_000

# Later than all that anybody has seen, in both.
_TOPICS = """
INSERT INTO main.changes (topic, version)
SELECT topic, max(version) + :step FROM (
    SELECT topic, CAST(version AS INTEGER) AS version FROM main.changes
    UNION ALL SELECT topic, CAST(version AS INTEGER) FROM {other}.changes
) WHERE true GROUP BY topic
ON CONFLICT (topic) DO UPDATE SET version = excluded.version
"""

# Nobody holds one: who leads begins anew, with the builds of the backup.
_LEASES = """
INSERT INTO main.leases (name, holder, token, expires_ms)
SELECT name, '', max(token) + :step, 0 FROM (
    SELECT name, CAST(token AS INTEGER) AS token FROM main.leases
    UNION ALL SELECT name, CAST(token AS INTEGER) FROM {other}.leases
) WHERE true GROUP BY name
ON CONFLICT (name) DO UPDATE SET holder = '', token = excluded.token, expires_ms = 0
"""

_SESSIONS = (
    "UPDATE main.sessions SET ended_at = ?, ended_why = ?, token_digest = uid"
    " WHERE ended_at IS NULL"
)

# It was still at work when it made this copy of its own row.
_RUN = (
    "UPDATE main.maintenance_runs SET state = 'succeeded' WHERE uid = ? AND state = 'running'"
)

_WAITING = "SELECT 1 FROM main.builds WHERE state = 'pending' LIMIT 1"
_PAUSE = (
    "INSERT INTO main.workspace_settings (name, value) VALUES ('queue_paused', 'true')"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def hand_over(source: apsw.Connection, live: str, run: str) -> bool:
    """Take over from the live database into the source; return whether its queue is paused.

    Builds that waited when the backup was made wait on, until somebody lets them begin.

    Args:
        live: The path of the live database; empty where it cannot be opened.
        run: The ``uid`` of the run that made the backup; may be empty.
    """
    if live:
        source.execute("ATTACH ? AS live", (f"file:{quote(live)}?mode=ro",))
    try:
        with source:
            _outbid(source, "live" if live else "main")
            source.execute(_SESSIONS, (_now(), _ENDED_WHY))
            source.execute(_RUN, (run,))
            paused = source.execute(_WAITING).fetchone() is not None
            if paused:
                source.execute(_PAUSE)
    finally:
        if live:
            source.execute("DETACH live")
    return paused


def _outbid(source: apsw.Connection, other: str) -> None:
    """Let versions and tokens be later than those of both databases."""
    for query in (_TOPICS, _LEASES):
        try:
            step = 1 if other == "live" else _FAR
            source.execute(query.format(other=other), {"step": step})
        except apsw.CorruptError:
            # What is there cannot be read: it can hardly have come so much further.
            source.execute(query.format(other="main"), {"step": _FAR})


def _now() -> str:
    """Return the time as the columns hold it."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
