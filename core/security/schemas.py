"""What is told about keys and rotations: names and times, never a key."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.settings import KeyStorage


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key, without its bytes.

    Attributes:
        id: Its fingerprint.
        made_at: When it was made; None where that is not known.
        seals: Whether new values are sealed with it.
        genuine: Whether its bytes are what its name says.
    """

    id: str
    made_at: datetime | None
    seals: bool
    genuine: bool


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Where the keys lie, and which there are, the newest first.

    Attributes:
        home: Where new keys are made; None while there is no consent to any place.
        file: Where the key file lies, or would.
        file_exists: Whether there is one; also beside a keyring, when a move was cut off.
        keyring_problem: Why the system's keyring cannot be used; empty where it can.
        problem: Why the keys cannot all be read now; empty where they can.
        was_exposed: Whether others could read the key file until now.
        fixed: Whether the environment says where keys lie, so that they cannot be moved.
    """

    home: KeyStorage | None
    file: Path
    file_exists: bool
    keyring_problem: str
    problem: str
    was_exposed: bool
    fixed: bool
    keys: tuple[KeyInfo, ...]


@dataclass(frozen=True, slots=True)
class SealedCounts:
    """How many sealed values a workspace has, and how many are not under the present key."""

    total: int
    older: int


@dataclass(frozen=True, slots=True)
class UnreadableValue:
    """A sealed value that cannot be opened, and why in words; it was left as it is."""

    table: str
    column: str
    uid: str
    why: str


@dataclass(frozen=True, slots=True)
class RotationReport:
    """What a rotation did.

    Attributes:
        key: The fingerprint of the key that seals now.
        resealed: How many values were sealed anew.
        unreadable: Some of the values that cannot be opened.
        unreadable_count: How many there are in all.
        left: How many others are still under older keys, as somebody kept changing them;
            they can be read, and the next rotation takes them.
    """

    key: str
    resealed: int
    unreadable: tuple[UnreadableValue, ...]
    unreadable_count: int
    left: int
