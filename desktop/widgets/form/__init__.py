"""Forms: labelled fields with the message about each right below it."""

from desktop.widgets.form.address import AddressField
from desktop.widgets.form.checked import CheckedField, EmailField, PhoneField
from desktop.widgets.form.duration import DurationField
from desktop.widgets.form.entries import EntriesField, LinesField
from desktop.widgets.form.explained import Explained, ExplainedChoiceField
from desktop.widgets.form.fields import (
    CheckField,
    ChoiceField,
    Field,
    LineField,
    NumberField,
    TextField,
)
from desktop.widgets.form.form import Form
from desktop.widgets.form.json_object import JsonObjectField, json_text
from desktop.widgets.form.money import MoneyField
from desktop.widgets.form.password import PasswordField
from desktop.widgets.form.path import PathField
from desktop.widgets.form.sectioned import SectionedForm
from desktop.widgets.form.switch import SwitchField
from desktop.widgets.form.tags import TagsField
from desktop.widgets.form.variables import VariablesField
from desktop.widgets.form.window import FormWindow, scrolled

__all__ = [
    "AddressField",
    "CheckField",
    "CheckedField",
    "ChoiceField",
    "DurationField",
    "EmailField",
    "EntriesField",
    "Explained",
    "ExplainedChoiceField",
    "Field",
    "Form",
    "FormWindow",
    "JsonObjectField",
    "LineField",
    "LinesField",
    "MoneyField",
    "NumberField",
    "PasswordField",
    "PathField",
    "PhoneField",
    "SectionedForm",
    "SwitchField",
    "TagsField",
    "TextField",
    "VariablesField",
    "json_text",
    "scrolled",
]
