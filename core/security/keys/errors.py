"""What can go wrong with keys and with what they sealed, each told apart."""

from core.errors import AppError, Category
from core.translation import _


class KeyStoreError(AppError):
    """The place of the keys cannot be used."""

    code = "keys"
    category = Category.SYSTEM


class DecryptError(AppError):
    """A sealed value cannot be opened; it is left as it is, and never saved over."""

    code = "decrypt"
    category = Category.SYSTEM


class MissingKeyError(DecryptError):
    """The value was sealed with a key that this computer does not have."""

    code = "missing_key"


class WrongKeyError(DecryptError):
    """The bytes kept under the name of a key are not that key."""

    code = "wrong_key"


class TamperedError(DecryptError):
    """The value was changed, or moved from another place."""

    code = "tampered"


class KeysUnreachableError(DecryptError):
    """The keys cannot be read now, so neither can the value; later it may."""

    code = "keys_unreachable"


def missing_key(key_id: str) -> MissingKeyError:
    """Return the error for a key that is not here."""
    return MissingKeyError(
        _("This cannot be read: its key is not on this computer."),
        detail=_("It was sealed with the key {key}.").format(key=key_id[:16]),
        hint=_(
            "Export the keys on the computer where it was entered and import them here"
            " (Settings, Keys), or enter it anew."
        ),
    )


def wrong_key(key_id: str) -> WrongKeyError:
    """Return the error for a key that is not what its name says."""
    return WrongKeyError(
        _("This cannot be read or sealed: what is kept as its key is another one."),
        detail=_("The bytes kept as the key {key} are not that key.").format(key=key_id[:16]),
        hint=_(
            "Import the keys from an export (Settings, Keys), or restore them from a backup;"
            " nothing that is sealed is lost."
        ),
    )


def tampered() -> TamperedError:
    """Return the error for a value that is not what was sealed for its place."""
    return TamperedError(
        _("This cannot be read: it was changed, or moved here from somewhere else."),
        hint=_("Restore it from a backup of the database, or enter it anew."),
    )
