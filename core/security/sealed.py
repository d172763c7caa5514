"""The form in which secrets lie in the database: opaque everywhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A sealed text as it is stored; only ``core.security.sealing`` makes and opens it.

    It is no text, so that neither a plain text can be taken for a sealed one nor a sealed
    one be shown as a text; its ``repr`` says nothing of its content.
    """

    stored: str

    def __repr__(self) -> str:
        return "Sealed(…)"
