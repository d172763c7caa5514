"""Every key that the core can record has words; changes are told from old to new."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import core
from core.audit.schemas import AuditRow
from core.security.actors import Role
from core.security.operations import Operation
from desktop.theme import Theme
from desktop.users import audit_words
from desktop.users.rights import words as right_words

KEY = re.compile(r"[a-z_]+\.[a-z_]+")
CALLS = {"Deed", "deed"}


def recorded_keys() -> set[str]:
    """Return what stands in the source as the key of a deed, or as an event of signing in."""
    found = set()
    folder = Path(core.__file__).parent
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in CALLS:
                    found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if text.startswith("sign_in.") and KEY.fullmatch(text):
                    found.add(text)
    return {key for key in found if isinstance(key, str) and KEY.fullmatch(key)}


def entry(operation: str, changes: dict[str, object], **values: str) -> AuditRow:
    told = {
        "actor": "ada", "actor_uid": "u1", "role": "administrator", "origin": "desktop",
        "subject_kind": "user", "subject_uid": "u2", "subject": "bob", **values,
    }  # fmt: skip
    return AuditRow(
        id=1, at=datetime(2026, 3, 1, tzinfo=UTC), operation=operation, changes=changes, **told
    )


def test_every_key_that_is_recorded_has_words() -> None:
    """Seen failing with "sign_in.resumed" left out of the words."""
    keys = recorded_keys()
    assert {"sign_in.signed_in", "sign_in.locked", "second_factor.recovery_code_used"} <= keys
    keys |= {operation.key for operation in Operation}
    assert [key for key in sorted(keys) if audit_words.deed_words(key) == key] == []
    assert audit_words.deed_words("moon.landing") == "moon.landing"


def test_every_deed_has_an_icon_of_the_set(theme: Theme) -> None:
    """A missing one ends the program while it paints; seen failing with "password"."""
    keys = recorded_keys() | {operation.key for operation in Operation}
    for icon in sorted({audit_words.deed_icon(key) for key in keys}):
        assert not theme.icon(icon).isNull()


def test_every_right_has_words_and_belongs_to_a_role() -> None:
    missing = [one.key for one in Operation if right_words.right_words(one.key) == one.key]
    assert missing == []
    told = [words for role in Role for words in right_words.rights_of(role)]
    assert sorted(told) == sorted({right_words.right_words(one.key) for one in Operation})


def test_changes_are_told_from_old_to_new() -> None:
    edited = entry("users.edit", {"role": ["viewer", "operator"], "active": [True, False]})
    assert audit_words.summary(edited) == "Role: Viewer → Operator · Active: yes → no"
    granted = entry("projects.grant", {"project": "api", "role": [None, "operator"]})
    assert audit_words.summary(granted) == "Project: api · Role: — → Operator"
    whole = entry("audit.verify", {"entries": 1234, "broken_at": None}, subject="")
    assert audit_words.summary(whole) == "Entries: 1,234"


def test_two_tags_of_a_new_person_are_no_pair_of_old_and_new() -> None:
    """Seen failing when every list of two was taken for a change."""
    made = entry("users.create", {"tags": ["a", "b"]})
    assert audit_words.summary(made) == "Tags: a, b"
    failed = entry("sign_in.failed", {"for": "unlock", "unheard_of": "x"})
    assert audit_words.summary(failed) == "For: unlocking the window · unheard_of: x"
