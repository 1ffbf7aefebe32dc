"""What a scan found, as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io

from app.plain_text import plain, say_chance
from app.scans.schemas import ScanOut, SetAsideOut, SuspectOut

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("rank", "verdict", "chance", "platform", "handle", "name", "profile", "why", "you_said")


def write_csv(scan: ScanOut, *, shown: bool = False) -> str:
    """A scan as CSV. What strangers wrote cannot become a formula where the file is opened.

    `shown`: it goes to a terminal, so that hidden characters are spelt out.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    ranks = {suspect.id: suspect.rank for suspect in scan.suspects}
    found: list[SuspectOut | SetAsideOut] = [*scan.suspects, *scan.set_aside]
    for item in found:
        account, decision = item.account, item.decision
        why = ". ".join(evidence.summary for evidence in item.evidence)
        told = (ranks.get(item.id, ""), item.verdict, say_chance(item.probability), account.platform, account.handle)
        rest = (account.display_name, account.profile_url, why, decision.verdict if decision else "")
        cells = [_defuse(value) for value in (*told, *rest)]
        writer.writerow([plain(cell, 4_000) for cell in cells] if shown else cells)
    return out.getvalue()


def _defuse(value: object) -> object:
    text = value or ""
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
