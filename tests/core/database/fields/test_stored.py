"""Values go through a real database file and come back as they were, or are refused."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    func,
    select,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import composite, registry
from sqlmodel import Field, Session, SQLModel

from core.database.fields import columns
from core.database.fields.errors import FieldError
from core.database.fields.money import Money, money_columns, stored_money
from core.database.fields.registry import FieldType, standard_fields
from core.database.fields.storing import UnstorableError
from core.security.sealed import Sealed
from tests.core.database.fields.samples import HOSTILE, LAWFUL, STRANGE, looped

FIELDS = standard_fields("CN")
NAMES = FIELDS.names()


class Samples:
    """A database file with a table for each field type."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        metadata = MetaData()
        self.tables = {name: _table(FIELDS.get(name), metadata) for name in NAMES}
        metadata.create_all(engine)

    def through(self, name: str, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """Return what the database makes of rows; they do not stay."""
        table = self.tables[name]
        with self.engine.connect() as connection:
            if rows:
                connection.execute(table.insert(), rows)
            found = connection.execute(select(*list(table.c)[1:]).order_by(table.c.id))
            return [tuple(row) for row in found]


def _table(type_: FieldType, metadata: MetaData) -> Table:
    return Table(
        f"t_{type_.name}",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("value", type_.column()),
        *(Column(ending, column()) for ending, column in type_.companions.items()),
    )


def _row(value: Any) -> dict[str, Any]:
    if isinstance(value, Money):
        return {"value": value.minor, "currency": value.currency}
    return {"value": value}


def _value(name: str, row: tuple[Any, ...]) -> Any:
    return Money.from_minor(*row) if name == "money" else row[0]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('fields') / 'samples.db'}")
    yield Samples(engine)
    engine.dispose()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(data=st.data())
def test_what_is_valid_comes_back_as_it_was(name: str, samples: Samples, data: Any) -> None:
    """Seen to fail: keys of JSON in the order they came, and times that kept their fold."""
    type_ = FIELDS.get(name)
    values = []
    for raw in data.draw(st.lists(LAWFUL[name], max_size=10)):
        try:
            values.append(type_.validate(raw))
        except FieldError:
            assert isinstance(raw, str | list), "only texts are drawn that may be refused"
    found = samples.through(name, [_row(value) for value in values])
    back = [_value(name, row) for row in found]
    # By ``repr`` too: 1, 1.0 and True are the same to ``==``.
    assert back == values
    assert [repr(value) for value in back] == [repr(value) for value in values]
    assert [type_.validate(value) for value in values] == values, "once normalised, for ever"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(data=st.data())
def test_what_is_shown_without_a_locale_is_read_as_it_was(name: str, data: Any) -> None:
    if name == "secret":
        return
    type_ = FIELDS.get(name)
    try:
        value = type_.validate(data.draw(LAWFUL[name]))
    except FieldError:
        return
    shown = type_.show(value)
    assert repr(type_.parse(shown)) == repr(value)


@pytest.mark.parametrize("name", NAMES)
def test_the_hostile_is_stored_exactly_or_refused_in_words(name: str, samples: Samples) -> None:
    """Seen to fail with surrogates unchecked (UnicodeEncodeError from the driver).

    Without ``DontWrapMixin`` the error is a StatementError with the values in its text.
    """
    type_ = FIELDS.get(name)
    if name == "money":
        return
    for raw in (*HOSTILE, *STRANGE, looped()):
        if raw is None:
            continue
        refused = ""
        try:
            [(found,)] = samples.through(name, [{"value": raw}])
        except UnstorableError as error:
            refused = str(error)
        else:
            assert found == type_.validate(raw)
        assert "INSERT" not in refused
        assert not (isinstance(raw, str) and len(raw) > 5 and raw in refused)


@pytest.mark.parametrize("name", NAMES)
def test_the_hostile_never_raises_anything_but_words(name: str) -> None:
    """Seen to fail with the length of numbers unchecked: they could not be written out."""
    type_ = FIELDS.get(name)
    parse: Any = type_.parse
    readers = (type_.validate, parse, lambda text: parse(text, "de_DE"))
    for raw in (*HOSTILE, *STRANGE, looped()):
        for read in readers:
            try:
                value = read(raw)
            except FieldError:
                continue
            assert isinstance(type_.show(value), str)
            assert isinstance(type_.show(value, "zh_CN"), str)


def test_null_stays_null(samples: Samples) -> None:
    for name in NAMES:
        rows = [dict.fromkeys(list(samples.tables[name].c.keys())[1:])]
        assert set(samples.through(name, rows)[0]) == {None}


def test_patterns_are_texts_and_values_are_values(samples: Samples) -> None:
    """Seen to fail without ``coerce_compared_value``: “%EXAMPLE%” was no e-mail address."""
    table = samples.tables["email"]
    with samples.engine.connect() as connection:
        rows = [{"value": "Anna@EXAMPLE.org"}, {"value": "100%@example.com"}]
        connection.execute(table.insert(), rows)

        def found(condition: Any) -> list[str]:
            return list(connection.scalars(select(table.c.value).where(condition)))

        assert found(table.c.value == "Anna@Example.ORG") == ["Anna@example.org"]
        assert found(table.c.value.in_(["Anna@Example.ORG"])) == ["Anna@example.org"]
        assert found(table.c.value.ilike("%EXAMPLE%")) == [
            "Anna@example.org",
            "100%@example.com",
        ]
        assert found(table.c.value.contains("%", autoescape=True)) == ["100%@example.com"]


def test_no_plain_text_gets_in_as_a_secret_nor_sealed_text_out_as_text(
    samples: Samples,
) -> None:
    """Seen to fail with a column that stores ``str(value)``."""
    with pytest.raises(UnstorableError, match="Seal it first") as caught:
        samples.through("secret", [{"value": "hunter2-plain"}])
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"
    [(found,)] = samples.through("secret", [{"value": Sealed("1:k:x")}])
    assert found == Sealed("1:k:x")
    assert "1:k:x" not in f"{found} {found!r}"


@settings(max_examples=30)
@given(units=st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20))
def test_sums_of_the_database_are_exact(samples: Samples, units: list[int]) -> None:
    """Seen to fail with an amount stored as REAL."""
    money = [Money.from_minor(n, "KWD") for n in units]
    table = samples.tables["money"]
    with samples.engine.connect() as connection:
        connection.execute(table.insert(), [_row(amount) for amount in money])
        total = connection.scalar(select(func.sum(table.c.value)))
    assert Money.from_minor(total, "KWD").amount == sum(m.amount for m in money)
    assert sum(money[1:], money[0]).minor == total


def test_a_sum_beyond_64_bits_is_refused_by_the_database(samples: Samples) -> None:
    table = samples.tables["money"]
    with samples.engine.connect() as connection:
        connection.execute(table.insert(), [{"value": 2**63 - 1}, {"value": 1}])
        with pytest.raises(OperationalError, match="overflow"):
            connection.scalar(select(func.sum(table.c.value)))


def test_what_something_else_damaged_is_told_in_words(samples: Samples) -> None:
    damaged = {
        "json": "{",
        "tags": '{"a": 1}',
        "address": "[]",
        "money": "12.5 EUR",
        "integer": "many",
        "decimal": 0.5,
    }
    for name, stored in damaged.items():
        table = samples.tables[name]
        with samples.engine.connect() as connection:
            connection.execute(
                text(f"INSERT INTO {table.name} (value) VALUES (:v)"), {"v": stored}
            )
            with pytest.raises(UnstorableError):
                connection.execute(select(table.c.value)).all()


class Apart(SQLModel):
    """Keeps the tables of this test out of those of the program."""

    metadata = MetaData()


class Sampled(Apart, table=True):
    """A table that uses the types as tables do."""

    __tablename__ = "sampled"

    id: int | None = Field(default=None, primary_key=True)
    phone: str | None = Field(default=None, sa_column=Column(columns.PhoneNumber))
    data: Any = Field(default=None, sa_column=Column(columns.JsonText))
    balance_minor: int | None = Field(default=None, sa_column=Column(columns.MinorUnits))
    balance_currency: str | None = Field(default=None, sa_column=Column(columns.CurrencyCode))

    @property
    def balance(self) -> Money | None:
        """What the person owns."""
        return stored_money(self.balance_minor, self.balance_currency)

    @balance.setter
    def balance(self, value: Money | None) -> None:
        for name, stored in money_columns("balance", value).items():
            setattr(self, name, stored)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'model.db'}")
    Apart.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_a_model_holds_money_in_two_columns(file: Engine) -> None:
    with Session(file) as session:
        row = Sampled(phone="+86 138 0013 8000")
        assert row.balance is None
        row.balance = Money(Decimal("12.3"), "eur")
        session.add(row)
        session.commit()
    file.dispose()
    with Session(file) as session:
        row = session.get_one(Sampled, 1)
        assert (row.phone, row.balance_minor) == ("+8613800138000", 1230)
        assert row.balance == Money(Decimal("12.30"), "EUR")
        row.balance = None
        session.commit()
        assert (row.balance_minor, row.balance_currency) == (None, None)


class Mapped:
    """A class that the mapper fills, with its two columns as one value."""

    def __init__(self, balance: Money) -> None:
        self.balance = balance


def test_the_mapper_makes_one_value_of_two_columns(samples: Samples) -> None:
    table = samples.tables["money"]
    mapping = registry()
    parts = {"balance": composite(Money.from_minor, table.c.value, table.c.currency)}
    mapping.map_imperatively(Mapped, table, properties=parts)
    money = Money(Decimal("0.25"), "EUR")
    with samples.engine.connect() as connection, Session(connection) as session:
        session.add(Mapped(money))
        session.flush()
        session.expire_all()
        assert session.scalars(select(Mapped)).one().balance == money
        connection.rollback()
    mapping.dispose()


def test_a_json_that_differs_by_type_only_is_written(file: Engine) -> None:
    """Seen to fail without ``compare_values``: 1 == True, so nothing was updated."""
    with Session(file) as session:
        session.add(Sampled(data={"a": 1}))
        session.commit()
        row = session.get_one(Sampled, 1)
        row.data = {"a": True}
        session.commit()
    with file.connect() as connection:
        assert connection.scalar(text("SELECT data FROM sampled")) == '{"a":true}'
