"""What others wrote into our columns is told in words; what is no code is none."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select, text

from core.database.database import Database
from core.database.engine import connect_bare
from core.database.fields import columns
from core.database.fields.addresses import country
from core.database.fields.errors import FieldError
from core.database.fields.exact import scaled
from core.database.fields.money import currency
from core.database.fields.phones import known_region
from core.database.fields.storing import Checked
from core.database.fields.times import UtcDateTime
from core.errors import DatabaseError
from core.events import EventBus
from core.settings import Durability


@pytest.mark.parametrize(
    ("type_", "stored"),
    [
        (UtcDateTime(), "'hello'"),
        (UtcDateTime(), "5"),
        (UtcDateTime(), "'2026-13-01 00:00:00'"),
        (UtcDateTime(), "x'00ff'"),
        (columns.TextLine(), "CAST(x'ff41' AS TEXT)"),
        (columns.MinorUnits(), "'many'"),
        (columns.JsonText(), "'{'"),
        (columns.TagList(), "'[1]'"),
        (columns.PostalAddress(), "5"),
    ],
)
async def test_what_is_damaged_is_told_in_words(
    tmp_path: Path, type_: Checked[object], stored: str
) -> None:
    """Seen failing: dates and bytes that are no text were faults of the program."""
    path = tmp_path / "damaged.db"
    path.touch()
    connect_bare(path, "rw").close()
    table = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("v", type_))
    database = Database.managed(path, Durability.NORMAL, EventBus())
    async with database.unit_of_work() as unit:
        await (await unit.session.connection()).run_sync(table.metadata.create_all)
        await unit.session.execute(text(f"INSERT INTO t (v) VALUES ({stored})"))
        await unit.commit()
    with pytest.raises(DatabaseError) as caught:
        async with database.read() as session:
            (await session.execute(select(table))).all()
    await database.close()
    assert "did not write" in caught.value.title
    assert caught.value.hint


@pytest.mark.parametrize(
    ("check", "given"), [(country, "ß"), (currency, "ﬁm"), (known_region, "ß")]
)
def test_a_letter_is_not_two(check: object, given: str) -> None:
    """Seen failing: “ß” was South Sudan, and “ﬁm” the Finnish markka."""
    with pytest.raises(FieldError):
        check(given)  # type: ignore[operator]
    assert country(" ss ") == "SS"


def test_a_fraction_without_end_is_too_fine() -> None:
    """Seen failing with an error of Python's own, in English."""
    with pytest.raises(FieldError, match="digits after the point"):
        scaled(Decimal("0." + "1" * 5000), 2)
    assert scaled(Decimal("1." + "0" * 3000), 2) == 100
