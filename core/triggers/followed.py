"""Which builds of a project were looked at: what a trigger after another project remembers.

Builds end in any order, and clocks are put back: so it is neither the newest build nor a time.
All builds up to one were looked at, but for those that had not ended then.
"""

from dataclasses import dataclass

_OPEN_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Followed:
    """All builds up to ``upto`` were looked at, but for those that were ``open``."""

    upto: int = 0
    open: frozenset[int] = frozenset()

    @classmethod
    def stored(cls, text: str) -> "Followed | None":
        """Return what ``as_text`` gave; None where it says something else."""
        first, _colon, rest = text.partition(":")
        names = rest.split(",") if rest else []
        if not all(name.isascii() and name.isdecimal() for name in (first, *names)):
            return None
        return cls(int(first), frozenset(map(int, names)))

    def as_text(self) -> str:
        """Return it as it is stored."""
        return f"{self.upto}:{','.join(map(str, sorted(self.open)))}"

    def looked_at(self, build_id: int, *, ended: bool) -> "Followed":
        """Return it after a look at a build that is new, or was open."""
        still = self.open - {build_id} if ended else self.open | {build_id}
        kept = sorted(still)[-_OPEN_AT_MOST:]
        return Followed(max(self.upto, build_id), frozenset(kept))
