"""The card of recommendations in the overview: the weightiest, or no card at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from core.performance.advice.schemas import Advice, AdviceKind, Recommendation, Weight
from desktop.performance.overview.advice_card import AdviceCard
from desktop.performance.words import advice_badge
from desktop.theme import Theme


def recommendation(kind: AdviceKind, weight: Weight = Weight.HIGH) -> Recommendation:
    return Recommendation(
        key=kind.value, kind=kind, weight=weight, title=f"Do {kind.value}", reason="It helps.",
        figures=(), will_do=(), applicable=True, why_not="", undoable=True,
    )  # fmt: skip


def test_the_weightiest_are_shown(theme: Theme, qtbot: Any) -> None:
    card = AdviceCard(theme)
    qtbot.addWidget(card)
    found = tuple(recommendation(kind) for kind in AdviceKind)
    card.show_advice(Advice(found, datetime(2026, 3, 2, tzinfo=UTC)))
    assert not card.isHidden()
    texts = [one.text() for one in card.findChildren(QLabel)]
    assert [text for text in texts if text.startswith("Do ")] == [
        f"Do {one.kind.value}" for one in found[:3]
    ]


def test_what_may_not_hold_any_more_is_not_promised(theme: Theme, qtbot: Any) -> None:
    """Seen failing with what VACUUM had given back minutes ago."""
    card = AdviceCard(theme)
    qtbot.addWidget(card)
    found = tuple(recommendation(kind) for kind in AdviceKind)
    card.show_advice(Advice(found, datetime(2026, 3, 2, tzinfo=UTC), outdated=True))
    texts = [one.text() for one in card.findChildren(QLabel)]
    assert not [text for text in texts if text.startswith("Do ")]
    assert any("look again there" in text for text in texts)


@pytest.mark.parametrize("advice", [None, Advice((), datetime(2026, 3, 2, tzinfo=UTC))])
def test_nothing_to_be_done_takes_no_room(
    theme: Theme, qtbot: Any, advice: Advice | None
) -> None:
    card = AdviceCard(theme)
    qtbot.addWidget(card)
    card.show_advice(advice)
    assert card.isHidden()


@pytest.mark.parametrize("kind", AdviceKind)
@pytest.mark.parametrize("weight", Weight)
def test_every_kind_has_a_badge(theme: Theme, kind: AdviceKind, weight: Weight) -> None:
    badge = advice_badge(recommendation(kind, weight))
    assert badge.word
    assert not theme.icon(badge.icon).isNull()
