"""What is said of a file that cannot be taken at all."""

from core.errors import AppError, Category, Severity


class UnreadableFileError(AppError):
    """A file holds no people that could be read; nothing of it was imported."""

    code = "unreadable_file"
    category = Category.VALIDATION
    severity = Severity.LOW
