"""How good passwords are, how they are stored, and what is made up."""

import asyncio
import threading
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.paths import resource
from core.sign_in.passwords import Passwords, generate, prepared
from core.sign_in.quality import report
from core.sign_in.schemas import SignInRules
from tests.core.sign_in.door import cheap
from tests.waiting import until

_CONTEXT = ("ada.lovelace", "Ada Lovelace", "countess@engines.example.org", "nightly")
_RULES = SignInRules()


def _valid(password: str, rules: SignInRules = _RULES) -> bool:
    return report(password, rules, _CONTEXT).valid


@pytest.mark.parametrize(
    "password",
    [
        "", "short", "password1234", "P@ssw0rd1234", "Pa$$word!2024", "drowssap4321",
        "Summer2024!!", "qwertyuiop12", "1q2w3e4r5t6y", "zaq12wsxcde3", "aaaaaaaaaaaaaaaa",
        "abababababababab", "monkeymonkeymonkey", "abcdefghijklmnop", "ponmlkjihgfedcba",
        "1234567890123456", "31.12.1999 1999", "19991231 1999", "BUILDBENCH-2024",
        "ada.lovelace99", "lovelaceLovelace", "c0untess-engines", "nightly-nightly",
        "\u212aatherine 1990", "dragon dragon 12", "!@#$%^&*()_+", "aptx4869aptx",
    ],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password: str) -> None:
    """Seen failing without letters for digits, reversal, repetition, dates and context."""
    found = report(password, _RULES, _CONTEXT)
    assert not found.valid, found
    assert found.issues
    assert found.score <= 2
    assert len(password) < 8 or not any(password in issue for issue in found.issues)


@pytest.mark.parametrize(
    "password",
    [
        "kumquat fjord zebra", "correct horse battery staple", "mK3-xylo-Tundra",
        "я люблю горячий борщ", "我们明天早上去爬山看日出吧", "tr0ub4dor&3 tundra",
        "x7#Lq9!vTz2@",        "  spaces  at both ends ", "🦓🪁🧭🪗🛶🥝🧩🪐🎷🧵🪵🧊",
    ],
)  # fmt: skip
def test_what_nobody_guesses_is_taken(password: str) -> None:
    assert report(password, _RULES, _CONTEXT) == report(password, _RULES, _CONTEXT)
    assert _valid(password), report(password, _RULES, _CONTEXT)


def test_length_is_1024_at_most_and_the_rule_at_least() -> None:
    base = "kumquat fjord zebra violin tundra "
    assert _valid((base * 31)[:1024])
    assert not _valid((base * 31)[:1025] + "x")
    assert not _valid("kumquat fjord", SignInRules(shortest_password=14))


def test_composition_is_asked_for_where_the_workspace_does() -> None:
    rules = SignInRules(need_letter_cases=True, need_digit=True, need_symbol=True)
    assert len(report("kumquat fjord zebra", rules, ()).issues) == 3
    assert _valid("Kumquat fjord zebra 7?", rules)
    assert _valid("Ёжик фьорд zebra 7?", rules)


def test_all_common_passwords_are_refused_however_they_are_dressed_up() -> None:
    """Of several thousand; with a rule of length alone half of the long ones passed."""
    lines = resource("passwords", "common.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert len(set(words)) == len(words) > 4_000
    assert words == [word.lower() for word in words]
    rules = SignInRules(shortest_password=8)
    for word in words[::7]:
        for dressed in (word.upper(), word[::-1], word + "2024!", word.replace("o", "0")):
            assert not report(dressed, rules, ()).valid, dressed


def test_the_context_has_parts() -> None:
    assert not _valid("engines engines")
    assert "name" in report("lovelace 1815 x", _RULES, _CONTEXT).issues[0]


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_rated_and_never_better_for_knowing_the_person(text: str) -> None:
    """A law: who knows names guesses at least as fast; and rating twice gives the same."""
    found = report(text, _RULES, _CONTEXT)
    assert 0 <= found.score <= 4
    assert found.score == report(text, _RULES, _CONTEXT).score
    assert found.score <= report(text, _RULES, ()).score


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_passwords_are_compared_in_one_form(text: str) -> None:
    """OpaqueString: NFC and NFD are one password, any space is a space; case is kept."""
    once = prepared(text)
    assert prepared(once) == once
    assert prepared(unicodedata.normalize("NFD", text)) == prepared(
        unicodedata.normalize("NFC", text)
    )
    assert prepared(text.replace(" ", "\u3000")) == prepared(text.replace("\u3000", " "))


async def test_hashes_are_argon2id_with_their_own_salts() -> None:
    passwords = Passwords()
    first, second = await asyncio.gather(passwords.hash("x"), passwords.hash("x"))
    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify("x", first)
    assert not await passwords.verify("y", first)
    assert not passwords.is_outdated(first)
    assert passwords.is_outdated(await cheap().hash("x"))


async def test_any_text_can_be_a_password_and_nothing_else_opens_it() -> None:
    passwords = cheap()
    texts = ["", " ", "\0", "a\0b", "\ud800", "x" * 1024, "ä", "Ä", "e\u0301", "🦓", "a b"]
    stored = [await passwords.hash(text) for text in texts]
    for n, text in enumerate(texts):
        right = [await passwords.verify(text, one) for one in stored]
        assert right == [n == m for m in range(len(texts))]
    assert await passwords.verify("\u00e9", stored[8])
    assert await passwords.verify("a\u2003b", stored[10])
    for broken in ("", "x", "$argon2id$", None, stored[0][:-4]):
        assert not await passwords.verify("", broken)


async def test_two_hashes_at_once_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen failing without the queue."""
    passwords, running, most = cheap(), 0, 0
    work = passwords._hasher.hash

    def counted(password: bytes) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return work(password)
        finally:
            running -= 1

    monkeypatch.setattr(passwords._hasher, "hash", counted)
    await asyncio.gather(*(passwords.hash("x") for _time in range(40)))
    assert 1 <= most <= 2


async def test_who_gives_up_frees_no_place_for_another_hash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Failed by a thread, with 64 MiB each, for every attempt that was broken off."""
    passwords, running, most = cheap(), 0, 0
    go_on = threading.Event()

    def slow(_password: bytes) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        go_on.wait(30)
        running -= 1
        return ""

    monkeypatch.setattr(passwords._hasher, "hash", slow)
    tasks = [asyncio.create_task(passwords.hash("x")) for _time in range(8)]
    await until(lambda: running == 2, "the first two")
    for task in tasks[:6]:
        task.cancel()
    await asyncio.gather(*tasks[2:6], return_exceptions=True)
    for _turn in range(50):
        await asyncio.sleep(0)
    assert running == 2
    go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most == 2


def test_what_is_made_up_is_good_and_never_the_same() -> None:
    made = {generate() for _time in range(200)}
    assert len(made) == 200
    assert all(_valid(one) for one in made)
    assert not set("lIO01") & set("".join(made))
