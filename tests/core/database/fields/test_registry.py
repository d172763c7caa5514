"""The registry of field types, plain values, and what is imported only when needed."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.types import TypeEngine, to_instance

from core.database.fields import columns
from core.database.fields.errors import FieldError
from core.database.fields.moments import moment, parse_moment, show_moment
from core.database.fields.plain import boolean, choice, long_text, parse_boolean, text_line
from core.database.fields.registry import (
    EDITORS,
    FieldRegistry,
    FieldRegistryError,
    standard_fields,
)
from core.database.fields.standard import choice_type
from core.database.query.schemas import Operator
from core.security.sealed import Sealed

FIELDS = standard_fields()


def test_every_type_can_be_shown_edited_asked_and_generated() -> None:
    for name in FIELDS.names():
        type_ = FIELDS.get(name)
        assert type_.name == name
        assert type_.editor in EDITORS
        assert set(type_.operators) <= set(Operator)
        for column in (type_.column, *type_.companions.values()):
            made: TypeEngine[object] = to_instance(column())
            again = eval(repr(made), vars(columns) | {"UtcDateTime": type(made)})
            assert repr(again) == repr(made), "what the generator of migrations writes"
    assert {FIELDS.get(name).editor for name in FIELDS.names()} == EDITORS


def test_names_are_taken_once_and_unknown_ones_named() -> None:
    """Seen to fail without the check: the second of a name took the place of the first."""
    registry = FieldRegistry()
    mood = choice_type("mood", ("good", "bad"))
    registry.register(mood)
    assert registry.names() == ("mood",)
    assert registry.get("mood").parse("good") == "good"
    with pytest.raises(FieldRegistryError, match="“mood” already"):
        registry.register(mood)
    with pytest.raises(FieldRegistryError, match="“moods”; there are: mood"):
        registry.get("moods")
    for name in ("", "Mood", "a b", "1a", "é"):
        with pytest.raises(FieldRegistryError, match="no name"):
            registry.register(replace(mood, name=name))
    with pytest.raises(FieldRegistryError, match="no editor"):
        registry.register(replace(mood, name="other", editor="crayon"))


def test_registries_are_apart_and_know_their_region() -> None:
    here, there = standard_fields("CN"), standard_fields("US")
    assert here.get("phone").parse("138 0013 8000") == "+8613800138000"
    with pytest.raises(FieldError):
        there.get("phone").parse("138 0013 8000")
    here.register(choice_type("mood", ("good",)))
    assert "mood" not in there.names()
    with pytest.raises(FieldError):
        standard_fields("Mars")


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """Seen to fail with ``import phonenumbers`` at the top of its module."""
    program = (
        "import sys, core.settings, core.database.fields.registry as r;"
        "assert 'sqlalchemy' not in sys.modules;"
        "r.standard_fields('CN');"
        "print({'phonenumbers', 'email_validator', 'babel'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_secret_is_neither_read_nor_shown() -> None:
    secret = FIELDS.get("secret")
    assert "1:k:x" not in secret.show(Sealed("1:k:x")) + repr(Sealed("1:k:x"))
    with pytest.raises(FieldError) as caught:
        secret.parse("hunter2-plain")
    assert "hunter2" not in str(caught.value)


def test_plain_values_are_what_they_are() -> None:
    assert text_line(" a % b ") == " a % b "
    assert long_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert parse_boolean(" YES ") is True
    assert parse_boolean("0") is False
    assert choice("b", ("a", "b")) == "b"
    wrongs = (
        lambda: text_line("a\nb"),
        lambda: text_line("a\u2028b"),
        lambda: long_text("a\x1bb"),
        lambda: boolean(1),
        lambda: parse_boolean("maybe"),
        lambda: choice("c", ("a", "b")),
    )
    for wrong in wrongs:
        with pytest.raises(FieldError):
            wrong()


def test_times_have_a_zone_and_are_kept_in_utc() -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    assert moment(noon) == noon
    assert moment(noon).tzinfo is UTC
    assert parse_moment("2026-05-01 12:00+08:00") == noon == parse_moment(show_moment(noon))
    for text in ("2026-05-01 12:00", "2026-13-01", "", "noon"):
        with pytest.raises(FieldError):
            parse_moment(text)
