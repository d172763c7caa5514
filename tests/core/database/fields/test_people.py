"""Names, e-mail addresses, telephone numbers, postal addresses and tags of people."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator

from core.database.fields.addresses import Address, AddressKind, address, countries
from core.database.fields.emails import email, email_key
from core.database.fields.errors import FieldError
from core.database.fields.lines import honest_line
from core.database.fields.names import caseless, person_name, username, username_key
from core.database.fields.phones import REGIONS, known_region, phone, region_here, show_phone
from core.database.fields.tags import MOST_TAGS, parse_tags, show_tags, tag_key, tags
from core.projects.schemas import ProjectCreate
from core.settings import Settings
from tests.core.database.fields.samples import EMAILS, TAGS, TEXTS, USERNAMES

HOME = Address(AddressKind.HOME, "Main St 1", "", "12345", "Town", "CA", "us")


@pytest.mark.parametrize(
    "name", ["anna", "王小明", "Ñandú", "राम", "9lives", "a.b_c-d@e", "علي"]
)
def test_user_names_of_every_script_are_taken(name: str) -> None:
    assert username(f" {name} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".anna",
        "@anna",
        "-a",
        "an na",
        "a\u200bb",
        "a\u202eb",
        "aعلي",
        "a\u05d0",
        "ﷺ",
        "ᅟ",
        "\u0301a",
        "①",
        "a/b",
        "😀",
        "x" * 65,
        5,
        None,
    ],
)
def test_other_user_names_are_refused(name: object) -> None:
    """Seen to fail: without the form of NFKC, “ﷺ” passed; it is eighteen letters and spaces."""
    with pytest.raises(FieldError):
        username(name)


@given(st.one_of(USERNAMES, EMAILS, TEXTS))
def test_keys_are_final_and_blind_to_case(text: str) -> None:
    assert caseless(caseless(text)) == caseless(text)
    assert username_key(text) == email_key(text) == caseless(text.strip())
    assert caseless(text.casefold()) == caseless(text)


def test_the_key_of_every_character_is_final() -> None:
    """Seen to fail with one round of folding: 637 characters fold once more."""
    every = (chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000)
    assert [c for c in every if (key := caseless(c)) != c and caseless(key) != key] == []


def test_keys_see_what_looks_the_same() -> None:
    assert username_key("ＡＤＭＩＮ") == username_key("admin") == username_key(" Admin")
    assert email_key("Straße@example.org") == email_key("STRASSE@example.org")


@pytest.mark.parametrize(
    "name", ["علی\u200cرضا", "क्\u200dष", "👩\u200d💻 Ada", "O’Brien-Ñ", "王 小明"]
)
def test_persons_are_called_as_they_are(name: str) -> None:
    """Seen to fail with every joiner refused: names in Persian and Hindi need them."""
    assert person_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "\u3000",
        "a\u200cb",
        "a\u200db",
        "x\u202ey",
        "a\tb",
        "a\nb",
        "\u2800",
        "ㅤ",
        "a\u00adb",
        "y" * 101,
    ],
)
def test_names_that_hide_something_are_refused(name: str) -> None:
    with pytest.raises(FieldError):
        person_name(name)


def test_a_name_has_one_form() -> None:
    assert person_name("  Zoe\u0308 \u00a0 Müller ") == "Zoë Müller"
    assert person_name("y" * 100) == "y" * 100


@pytest.mark.parametrize("name", ["a\u202eb", "a\u200bb", "a\x85b"])
def test_projects_are_named_by_the_same_rule(name: str) -> None:
    with pytest.raises(ValidationError):
        ProjectCreate(name=name, path="/tmp", command="true")


@given(EMAILS)
def test_an_address_keeps_the_case_of_its_person_not_of_its_host(text: str) -> None:
    """Seen to fail with the whole address in lower case."""
    local, _at, domain = text.partition("@")
    assert email(f" {text} ") == f"{unicodedata.normalize('NFC', local)}@{domain.lower()}"
    assert email(email(text)) == email(text)
    assert email_key(email(text)) == email_key(text)


def test_a_host_in_two_spellings_is_one() -> None:
    assert email("a@xn--bcher-kva.example.net") == "a@bücher.example.net"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b.org",
        "a@b",
        "a b@example.org",
        "a@b@example.org",
        "a..b@example.org",
        "a@[127.0.0.1]",
        '"a"@example.org',
        "a@localhost",
        "a\n@example.org",
        "x" * 300,
        None,
        1,
    ],
)
def test_what_is_no_address_is_refused(text: object) -> None:
    with pytest.raises(FieldError, match=r"name@example\.org|text is needed"):
        email(text)


@pytest.mark.parametrize(
    ("text", "region", "stored", "at_home", "abroad"),
    [
        ("138 0013 8000", "CN", "+8613800138000", "138 0013 8000", "+86 138 0013 8000"),
        ("+86 138-0013-8000", "US", "+8613800138000", "138 0013 8000", "+86 138 0013 8000"),
        (
            "１３８００１３８０００",
            "CN",
            "+8613800138000",
            "138 0013 8000",
            "+86 138 0013 8000",
        ),
        ("(202) 555-0123", "US", "+12025550123", "(202) 555-0123", "+1 202-555-0123"),
        ("06 1234 5678", "IT", "+390612345678", "06 1234 5678", "+39 06 1234 5678"),
        ("020 7946 0958", "GB", "+442079460958", "020 7946 0958", "+44 20 7946 0958"),
    ],
)
def test_numbers_are_stored_alike_and_shown_as_people_dial(
    text: str, region: str, stored: str, at_home: str, abroad: str
) -> None:
    """Seen to fail with the zero of Italy dropped, and with full-width digits refused."""
    assert phone(text, region) == stored == phone(stored, "FR")
    home = phonenumbers.region_code_for_number(phonenumbers.parse(stored))
    assert home
    assert (show_phone(stored, home), show_phone(stored, "FR")) == (at_home, abroad)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "1-800-FLOWERS",
        "+86 138 0013 8000 ext. 5",
        "call 138 0013 8000",
        "+999123456789",
        "138 0013 80001",
        "+" + "1" * 50,
        "\x00",
        None,
        13800138000,
    ],
)
def test_what_is_no_number_is_refused(text: object) -> None:
    with pytest.raises(FieldError):
        phone(text, "CN")


def test_regions_are_those_of_the_number_plans() -> None:
    assert REGIONS == phonenumbers.SUPPORTED_REGIONS
    assert known_region(" cn ") == "CN"
    with pytest.raises(FieldError):
        phone("138 0013 8000", "XX")


@pytest.mark.parametrize(
    ("language", "region"),
    [("zh_CN.UTF-8", "CN"), ("zh_Hant_TW", "TW"), ("C", "US"), ("en_XX", "US"), ("", "US")],
)
def test_the_region_is_that_of_the_locale(
    language: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_TELEPHONE", raising=False)
    monkeypatch.setenv("LANG", language)
    assert region_here() == Settings().phone_region == region


def test_a_setting_names_a_region_there_is() -> None:
    assert Settings(phone_region="de").phone_region == "DE"
    with pytest.raises(ValidationError, match="two letters"):
        Settings(phone_region="XX")


def test_countries_are_those_of_iso_3166() -> None:
    assert len(countries()) == 250, "249 and Kosovo"
    assert {"CN", "DE", "TW", "XK"} <= countries()
    assert not {"EU", "UN", "ZZ", "XA"} & countries()


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (
            {
                "street": "Hauptstr. 1",
                "postal_code": "10115",
                "city": "Berlin",
                "country": "de",
            },
            ("Hauptstr. 1", "10115 Berlin", "Germany"),
        ),
        (
            {"street": "1 Main St", "extra": "Apt 2", "postal_code": "94105"}
            | {"city": "San Francisco", "region": "CA", "country": "US"},
            ("1 Main St", "Apt 2", "San Francisco, CA 94105", "United States"),
        ),
        (
            {"street": "长安街1号", "postal_code": "100000", "city": "北京市", "country": "CN"},
            ("100000", "北京市长安街1号", "China"),
        ),
    ],
)
def test_an_address_is_shown_as_letters_bear_it(
    parts: dict[str, str], lines: tuple[str, ...]
) -> None:
    assert address(parts).lines() == lines


def test_the_country_is_in_the_words_of_the_locale() -> None:
    assert HOME.lines("zh_CN")[-1] == "美国"
    with pytest.raises(FieldError):
        HOME.lines("xx_XX")


@pytest.mark.parametrize(
    "change",
    [
        {"country": "XX"},
        {"country": ""},
        {"kind": "moon"},
        {"city": "a\nb"},
        {"street": "x" * 201},
        {"postal_code": "1" * 21},
        {"street": "", "postal_code": "", "city": ""},
        {"street": None},
        {"planet": "Mars"},
    ],
)
def test_addresses_that_reach_nobody_are_refused(change: dict[str, object]) -> None:
    parts = {"kind": "home", "street": "a", "postal_code": "1", "city": "b", "country": "DE"}
    with pytest.raises(FieldError):
        address({**parts, **change})


@given(TAGS)
def test_tags_are_normal_unique_and_in_order(values: list[str]) -> None:
    """Seen to fail with the last spelling kept, and with a set for the order."""
    found = tags(values)
    assert tags(found) == found == parse_tags(show_tags(found))
    keys = [tag_key(text) for text in found]
    assert len(set(keys)) == len(keys)
    normal = [tag_key(honest_line(value, longest=50)) for value in values]
    assert keys == list(dict.fromkeys(normal))


@pytest.mark.parametrize(
    "wrong", ["a", ["a,b"], ["a，b"], ["x" * 51], [""], [1], ["a\u202eb"], None, {"a"}]
)
def test_what_is_no_list_of_tags_is_refused(wrong: object) -> None:
    with pytest.raises(FieldError):
        tags(wrong)


def test_there_are_at_most_fifty_tags_each_once() -> None:
    """Seen to fail with ``lower``: “ß” and “SS” were two."""
    assert len(tags([str(n) for n in range(MOST_TAGS)] + ["0"])) == MOST_TAGS
    with pytest.raises(FieldError):
        tags([str(n) for n in range(MOST_TAGS + 1)])
    assert tags(["Straße", "STRASSE"]) == ("Straße",)
    assert parse_tags("a, B，b,, c  d ") == ("a", "B", "c d")


def test_schemas_say_what_is_wrong_with_a_field() -> None:
    class Person(BaseModel):
        mail: str

        _mail = field_validator("mail")(email)

    with pytest.raises(ValidationError, match=r"Write it like name@example\.org"):
        Person(mail="nobody")
