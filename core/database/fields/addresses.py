"""Postal addresses."""

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from core.database.fields.errors import FieldError
from core.database.fields.lines import capitals, optional_line
from core.database.fields.locales import find_locale
from core.database.fields.strict_json import canonical_json, parse_json
from core.translation import _

# What CLDR lists beside ISO 3166-1. XK, which ISO leaves to its users, stays: letters to
# Kosovo bear it.
_NO_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ"
_LONGEST = {"street": 200, "extra": 200, "postal_code": 20, "city": 100, "region": 100}
_CODE_LAST = "AU BN BR CA CO GB ID IE IN LB MV MX NZ PR SG TH TW US VE"
_LARGEST_FIRST = "CN JP KP KR MO TW HK"


class AddressKind(StrEnum):
    """What an address is to the person."""

    HOME = "home"
    WORK = "work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """Where letters reach somebody.

    Every part is an honest line (``lines.honest_line``) and may be empty, but not street,
    extra, postal code and city all at once.

    Attributes:
        kind: What the address is to the person.
        street: With the number of the house; at most 200 characters.
        extra: Floor, company, box; at most 200 characters.
        postal_code: At most 20 characters.
        city: At most 100 characters.
        region: State or province; at most 100 characters.
        country: ISO 3166-1, two letters, or XK.

    Raises:
        FieldError: A part does not keep these rules.
    """

    __pydantic_config__: ClassVar[Any] = {"strict": True}

    kind: AddressKind
    street: str
    extra: str
    postal_code: str
    city: str
    region: str
    country: str

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "kind", AddressKind(self.kind))
        except ValueError as error:
            raise FieldError(_("An address is of home, of work, or another one.")) from error
        for name, longest in _LONGEST.items():
            part = optional_line(getattr(self, name), longest=longest)
            object.__setattr__(self, name, part)
        object.__setattr__(self, "country", country(self.country))
        if not (self.street or self.extra or self.postal_code or self.city):
            raise FieldError(_("An address needs a street or a city."))

    def lines(self, locale: str = "en") -> tuple[str, ...]:
        """Return the lines of a letter, the country in words of the locale as the last.

        The parts stand in the order the country has them: the largest first where the address
        is in Chinese, Japanese or Korean characters.

        Raises:
            FieldError: Babel does not know the locale.
        """
        nation = find_locale(locale).territories[self.country]
        if self.country in _LARGEST_FIRST and any(c >= "\u2e80" for c in self.city):
            place = f"{self.region}{self.city}{self.street}"
            parts = [self.postal_code, place, self.extra, nation]
        elif self.country in _CODE_LAST:
            area = " ".join(part for part in (self.region, self.postal_code) if part)
            town = ", ".join(part for part in (self.city, area) if part)
            parts = [self.street, self.extra, town, nation]
        else:
            town = f"{self.postal_code} {self.city}".strip()
            parts = [self.street, self.extra, town, self.region, nation]
        return tuple(part for part in parts if part)


def country(value: object) -> str:
    """Return the two letters of a country in capitals.

    Raises:
        FieldError: There is no such country.
    """
    code = capitals(value)
    if code not in countries():
        raise FieldError(_("There is no such country. Give its two letters, as in CN."))
    return code


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Return the two letters of every country."""
    known = {str(name) for name in find_locale("en").territories}
    return frozenset(c for c in known if len(c) == 2 and c.isalpha() and c not in _NO_COUNTRIES)


def address(value: object) -> Address:
    """Return an address, which may also be given as a mapping of its parts.

    Parts that are missing are empty; the kind is then ``other``.

    Raises:
        FieldError: It is neither, has unknown parts, or breaks the rules of ``Address``.
    """
    if isinstance(value, Address):
        return value
    names = {field.name for field in fields(Address)}
    if not isinstance(value, dict) or not value.keys() <= names:
        raise FieldError(
            _("An address has kind, street, extra, postal_code, city, region and country.")
        )
    return Address(**{**dict.fromkeys(names, ""), "kind": "other", **value})


def parse_address(text: str) -> Address:
    """Return the address that a JSON object of its parts stands for.

    Raises:
        FieldError: As ``address``, and as ``parse_json``.
    """
    return address(parse_json(text))


def address_json(value: Address) -> str:
    """Return the JSON object of an address, as it is stored and as ``parse_address`` reads."""
    return canonical_json({field.name: getattr(value, field.name) for field in fields(value)})


def show_address(value: Address, locale: str = "") -> str:
    """Return the address on one line; without a locale as JSON.

    Raises:
        FieldError: Babel does not know the locale.
    """
    return ", ".join(value.lines(locale)) if locale else address_json(value)
