"""Sets of PRAGMAs that are measured side by side, so that one sees what each costs here."""

from typing import Literal, NamedTuple

from core.performance.benchmarks.schemas import BenchmarkSettings
from core.translation import _


class Profile(NamedTuple):
    """A set of PRAGMAs; ``name`` is kept with the run, and never translated."""

    name: str
    journal_mode: Literal["wal", "delete", "truncate", "persist"]
    synchronous: Literal["off", "normal", "full", "extra"]
    cache_kib: int


PROFILES = (
    Profile("workspace", "wal", "full", 16_000),
    Profile("wal_normal", "wal", "normal", 16_000),
    Profile("wal_off", "wal", "off", 16_000),
    Profile("small_cache", "wal", "full", 2_000),
    Profile("large_cache", "wal", "full", 64_000),
    Profile("journal_full", "delete", "full", 16_000),
    Profile("journal_normal", "delete", "normal", 16_000),
)


def of_profile(settings: BenchmarkSettings, profile: Profile) -> BenchmarkSettings:
    """Return settings with the PRAGMAs of a profile."""
    changed = profile._asdict()
    del changed["name"]
    return settings.model_copy(update=changed)


def profile_words(profile: Profile) -> str:
    """Return what a profile is, in words."""
    return _("{journal}, synchronous {synchronous}, {cache} MB cache").format(
        journal=profile.journal_mode.upper(),
        synchronous=profile.synchronous,
        cache=profile.cache_kib // 1_000,
    )
