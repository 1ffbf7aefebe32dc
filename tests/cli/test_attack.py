"""`clonecheck attack` as people read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.running import run


@pytest.mark.slow
def test_attacks_are_told_with_chance_and_reason(tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(encode_jpeg(draw_portrait("attack")))
    person = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x")
    told = run(tmp_path, "attack", *person, "--photo", str(tmp_path / "me.jpg"), "--limit", "4")
    assert "@adaezebrandvoId  capital I in place of small l" in told
    assert "caught: over 99 in 100 like this were clones. Handle adaezebrandvoId looks like adaezebrandvold" in told
    assert "MISSED: 10 in 100 like this were clones. Same name" in told
    assert "mirrored" in told
    assert "would be found and listed as suspects." in told
    assert not (tmp_path / "data").exists()
    assert "with --photo you see" in run(tmp_path, "attack", "--name", "Jane Smith")
    assert "at least one of name, handle and photo" in run(tmp_path, "attack", code=2)
