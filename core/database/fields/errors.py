"""What is said when a value does not keep the rules of its field."""


class FieldError(ValueError):
    """A value was refused; its text tells people what is wrong and what to do.

    It never holds the value itself, which may be a secret. As a ``ValueError`` it can be
    raised in the validators of pydantic schemas.
    """
