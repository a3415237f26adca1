"""A function with many values live across many suspension points: code and time stay linear."""

from __future__ import annotations

from cpc.passes import frame_layout


def test_values_saved_too_often_are_boxed() -> None:
    count = 200  # value i is live across the points i to 199: 20,100 saves
    saved = {f"point{p}": frozenset(f"v{v}" for v in range(p + 1)) for p in range(count)}
    boxed = frame_layout.often_saved(saved, set())
    assert sum(len(live - boxed) for live in saved.values()) <= frame_layout.SAVES_LIMIT
    assert boxed == {f"v{v}" for v in range(len(boxed))}  # the ones that live longest


def test_few_saves_stay() -> None:
    assert not frame_layout.often_saved({"point": frozenset(f"v{v}" for v in range(300))}, set())
