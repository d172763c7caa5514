"""Forms: labelled fields with the message about each right below it."""

from desktop.widgets.form.fields import (
    CheckField,
    ChoiceField,
    Field,
    LineField,
    NumberField,
    TextField,
)
from desktop.widgets.form.form import Form
from desktop.widgets.form.path import PathField
from desktop.widgets.form.variables import VariablesField

__all__ = [
    "CheckField",
    "ChoiceField",
    "Field",
    "Form",
    "LineField",
    "NumberField",
    "PathField",
    "TextField",
    "VariablesField",
]
