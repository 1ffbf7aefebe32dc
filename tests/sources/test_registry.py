"""What an operator can switch: sources off, and terms accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.settings import Settings
from app.sources.bluesky import connect
from app.sources.contract import Remote
from app.sources.registry import apply_switches


def _strict(settings: Settings) -> Remote:
    """Bluesky, were it a source whose terms have to be accepted first."""
    remote = connect(settings)
    return apply_switches(replace(remote, info=replace(remote.info, consent=True)), settings)


@pytest.mark.parametrize(
    ("told", "ready", "why"),
    [
        ({}, False, "CLONECHECK_TERMS_ACCEPTED"),
        ({"terms_accepted": ("mastodon",)}, False, "CLONECHECK_TERMS_ACCEPTED"),
        ({"terms_accepted": ("bluesky",)}, True, None),
        ({"terms_accepted": ("bluesky",), "sources_off": ("bluesky",)}, False, "CLONECHECK_SOURCES_OFF"),
    ],
)
def test_terms_are_accepted_before_a_source_is_asked(
    told: dict[str, tuple[str, ...]], ready: bool, why: str | None
) -> None:
    info = _strict(Settings(**told)).info  # type: ignore[arg-type]
    assert info.ready == ready
    assert (why or "") in (info.not_ready or "")
    assert info.terms is not None
