"""What people read on the terminal: scans, comparisons, imports and report routes, in plain words.

Names, handles and biographies are written by strangers. They reach the terminal as plain text only: never as markup,
and never with characters that move the cursor, turn the direction of writing or hide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Wire = Mapping[str, Any]

MAX_TEXT = 300
_MAX_MARKS = 3
# Joiners and selectors that emoji and several scripts need; dropped, as a terminal gains nothing from them.
_DROPPED = frozenset("\u200c\u200d\ufe0e\ufe0f")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")

VERDICTS = {
    "clone": "suspected clone",
    "lookalike": "suspected lookalike: made to be mistaken for the person",
    "photo_reuse": "suspected photo theft: the photo under another name",
    "namesake": "another person of the same name",
    "fan_or_parody": "fan or parody account that says so",
    "own_account": "own account",
    "unrelated": "probably nothing to do with the person",
}
_STYLES = {"clone": "bold red", "lookalike": "bold yellow", "photo_reuse": "bold magenta"}
_SIGNALS = {"bio": "biography", "deception": "disguised letters", "context": "circumstances"}
_COVERAGE = {
    "ok": "looked through",
    "partial": "looked through in part",
    "unknown": "could not tell",
    "rate_limited": "not finished: the platform asked us to wait",
    "skipped": "NOT looked at",
    "manual": "has to be searched by hand",
}
# How it was proven that a source reads its platform's replies as they are meant (`Verified`).
PROOFS = {
    "live_server": "a real server",
    "recorded": "replies recorded from it",
    "documented": "its documents only",
}


def plain(text: object, limit: int = MAX_TEXT) -> str:
    """Make a stranger's text safe to show on one line; what hides or turns the writing is spelt out: "‹U+202E›"."""
    kept: list[str] = []
    marks = 0
    for char in str(text)[: limit + 1]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS and char not in _DROPPED:
            kept.append(_spell(char))
    shown = "".join(kept).strip()
    return shown if len(str(text)) <= limit else shown + "…"


def _spell(char: str) -> str:
    if char in "\t\n\r":
        return " "
    category = unicodedata.category(char)
    hidden = category in {"Cc", "Cf", "Cs", "Co", "Cn"} or char in _BLANKS
    if category in {"Zl", "Zp"}:
        return " "
    return f"‹U+{ord(char):04X}›" if hidden else char


def say_chance(probability: float) -> str:
    """Say a probability as people say it: "97 in 100"."""
    if probability >= 0.995:
        return "over 99 in 100"
    if probability < 0.005:
        return "under 1 in 100"
    return f"{round(probability * 100)} in 100"


def say_account(account: Wire) -> str:
    """Name an account: platform, handle or id, and the name it shows."""
    handle = account.get("handle") or account.get("account_id")
    at = f"{account.get('platform', 'unknown')} @{plain(handle, 80)}" if handle else str(account.get("platform"))
    name = account.get("display_name")
    return f"{at} “{plain(name, 80)}”" if name else at


def _say_verdict(verdict: str, *, short: bool = False) -> str:
    told = VERDICTS.get(verdict, plain(verdict))
    return told.partition(":")[0] if short else told


def say_money(amount: float) -> str:
    """Say a sum in US dollars; parts of a cent are shown where there are any."""
    text = f"{amount:.4f}".rstrip("0")
    return f"${text}{'0' * max(0, 2 - len(text.partition('.')[2]))}"


def say_spending(scan: Wire) -> str | None:
    """Say what a scan has cost and might have; None where no money was involved."""
    cost, most = scan.get("cost") or 0.0, (scan.get("budget") or {}).get("money") or 0.0
    if not cost and not most:
        return None
    return f"This scan has cost {say_money(cost)} of the {say_money(most)} that it may spend."


def say_effort(entry: Wire) -> str:
    """Say what asking one source took: calls, and money where it took some; empty where nobody was asked."""
    parts = [f"{entry['calls']} call{'' if entry['calls'] == 1 else 's'}"] if entry.get("calls") else []
    parts += [say_money(entry["cost"])] if entry.get("cost") else []
    return ", ".join(parts)


def tell_event(kind: str, data: Wire) -> str:
    """Say one step of a running scan."""
    match kind:
        case "started":
            return f"Looking in {plain(', '.join(data.get('sources', ())))} ..."
        case "coverage":
            return f"{plain(data.get('source'))}: {data.get('accounts', 0)} accounts to compare ..."
        case "found":
            return f"Found {say_account(data.get('account', {}))} ..."
        case _:
            return "Done"


def print_scan(console: Console, scan: Wire) -> None:
    """Print a finished scan: the ranked suspects, why each is one, how to report it, and what was set aside."""
    suspects, set_aside = scan.get("suspects", ()), scan.get("set_aside", ())
    _print_subject(console, scan.get("subject", {}))
    _print_coverage(console, scan.get("coverage", ()))
    if spent := say_spending(scan):
        _say(console, spent, "yellow")
    if scan.get("status") not in {"completed", None}:
        _say(console, f"This scan is {scan['status']}; below is what it has found so far.", "yellow")
    if not suspects:
        _say(console, "\nNo suspected clone among the accounts looked at.", "bold green")
    else:
        _print_ranking(console, suspects)
        for suspect in suspects:
            _print_suspect(console, suspect)
        if scan.get("id"):
            _say(console, f"\nA file of evidence to hand on: clonecheck evidence {plain(scan['id'])} NUMBER", "dim")
    if set_aside:
        _print_set_aside(console, set_aside)
    if scan.get("id"):
        _say(console, f"\nThis is scan {scan['id']}.", "dim")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), highlight=False)


def _print_subject(console: Console, subject: Wire) -> None:
    sharers, photo = subject.get("name_sharers"), subject.get("photo")
    if sharers:
        low, high = sharers["low"], sharers["high"]
        told = f"About {sharers['estimate']:,} people share this name (likely between {low:,} and {high:,})."
        _say(console, told if high > 2 else "Hardly anybody shares this name.")
    if photo and not photo["usable"]:
        _say(console, f"The photo cannot be compared: {plain(photo['reason'])}", "yellow")


def _print_coverage(console: Console, coverage: Sequence[Wire]) -> None:
    for item in coverage:
        did = _COVERAGE.get(item["status"], plain(item["status"]))
        detail = f" ({plain(item['detail'])})" if item.get("detail") else ""
        effort = f", {say_effort(item)}" if say_effort(item) else ""
        told = f"{plain(item['source'])}: {did}, {item['accounts']} accounts compared{effort}{detail}"
        if item["status"] == "manual":
            told = f"{plain(item['detail'] or 'These platforms have to be searched by hand')}:"
        _say(console, told, "" if item["status"] == "ok" else "yellow")
        for link in item.get("links", ()):
            _say(console, f"  {plain(link['title'])}: {plain(link['url'])}")


def _print_ranking(console: Console, suspects: Sequence[Wire]) -> None:
    table = Table(title=f"Suspected accounts: {len(suspects)}", title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("chance", no_wrap=True)
    table.add_column("account", overflow="fold")
    table.add_column("name shown", overflow="fold")
    table.add_column("what it looks like")
    for suspect in suspects:
        account, verdict = suspect["account"], suspect["verdict"]
        table.add_row(
            str(suspect["rank"]),
            say_chance(suspect["probability"]),
            Text(say_account({**account, "display_name": None})),
            Text(plain(account.get("display_name") or "", 80)),
            Text(_say_verdict(verdict, short=True), style=_STYLES.get(verdict, "")),
        )
    console.print(table)


def _print_suspect(console: Console, suspect: Wire) -> None:
    verdict = suspect["verdict"]
    console.print()
    _say(console, f"{suspect['rank']}. {say_account(suspect['account'])}", "bold")
    chance = say_chance(suspect["probability"])
    _say(console, f"   {_say_verdict(verdict)}; chance {chance}", _STYLES.get(verdict, ""))
    if suspect.get("declares_parody"):
        told = "It says somewhere that it is a parody or fan account, but may still be taken for the person."
        _say(console, f"   {told}", "yellow")
    _print_evidence(console, suspect["evidence"])
    hinge = suspect.get("hinges_on")
    if hinge:
        without = _say_verdict(hinge["verdict_without"], short=True)
        signal = _SIGNALS.get(hinge["signal"], hinge["signal"])
        _say(console, f"   Hangs on the {signal}: without it, {without}.", "dim")
    if suspect["account"].get("profile_url"):
        print_link(console, "   Profile", suspect["account"]["profile_url"])
    _print_best_routes(console, suspect.get("report", {}))


def _print_evidence(console: Console, evidence: Sequence[Wire]) -> None:
    for item in evidence:
        sign, style = ("+", "") if item["bits"] > 0 else ("-", "dim")
        _say(console, f"   {sign} {plain(item['summary'], 1000)}", style)


def print_link(console: Console, label: str, url: str) -> None:
    """Print a link on one line, so that it can be clicked."""
    console.print(Text(f"{label}: {plain(url, 4000)}"), highlight=False, soft_wrap=True)


def _print_best_routes(console: Console, report: Wire, most: int = 2) -> None:
    routes = report.get("routes", ())
    for route in routes[:most]:
        print_route(console, route, "   Report:")
    if len(routes) > most:
        _say(console, f"   {len(routes) - most} more ways to report it: clonecheck routes, or --json", "dim")
    if report.get("none_because"):
        _say(console, f"   No way to report: {plain(report['none_because'], 1000)}")


def print_route(console: Console, route: Wire, label: str) -> None:
    """Print the heading of a way to report: its name, what it needs, its link."""
    name = plain(route.get("name") or str(route["channel"]).replace("_", " "))
    needs = [
        "account needed" if route.get("needs_account") in {True, "yes"} else "",
        "proof of identity needed" if route.get("id_required") in {True, "yes"} else "",
        f"filled in: {', '.join(map(plain, route['prefilled']))}" if route.get("prefilled") else "",
    ]
    told = "; ".join(filter(None, needs))
    heading = f"{label} {name}{f' ({told})' if told else ''}"
    if route.get("url"):
        print_link(console, heading, route["url"])
    else:
        _say(console, heading)


def _print_set_aside(console: Console, set_aside: Sequence[Wire]) -> None:
    console.print()
    table = Table(title="Not suspected, and why", title_justify="left", title_style="bold")
    for heading in ("account", "taken for", "reason"):
        table.add_column(heading, overflow="fold")
    for item in set_aside:
        taken_for, reason = Text(_say_verdict(item["verdict"])), Text(plain(item["reason"]))
        table.add_row(Text(say_account(item["account"])), taken_for, reason)
    console.print(table)


def print_comparison(console: Console, comparison: Wire) -> None:
    """Print a comparison of a subject with one account."""
    verdict = comparison["verdict"]
    told = f"{_say_verdict(verdict)}; chance {say_chance(comparison['probability'])}"
    _say(console, told[:1].upper() + told[1:], _STYLES.get(verdict, "bold"))
    if comparison.get("reason"):
        _say(console, f"   {plain(comparison['reason'])}")
    _print_evidence(console, comparison["evidence"])
    if not comparison["evidence"]:
        _say(console, "   There is nothing that both sides tell, so nothing could be compared.")


def print_check(console: Console, check: Wire) -> None:
    """Print which protected people an account copies, and whose own account it is."""
    photo = check.get("photo")
    if photo and not photo["usable"]:
        _say(console, plain(photo["reason"]), "yellow")
    if not check["matches"]:
        _say(console, "This account copies none of the protected people, as far as can be seen.", "bold green")
    for match in (*check["matches"], *check["set_aside"]):
        _say(console, f"\nSubject {plain(match['subject_id'])}", "bold")
        print_comparison(console, match)


def print_preview(console: Console, preview: Wire) -> None:
    """Print what is known before any search: what the name proves, whether the photo serves, likely lookalikes."""
    if preview.get("name_note"):
        _say(console, f"{plain(preview['name_note'])}.")
    photo = preview.get("photo")
    if photo:
        told = "The photo can be compared." if photo["usable"] else f"The photo cannot be compared: {photo['reason']}"
        _say(console, plain(told), "" if photo["usable"] else "yellow")
    if preview.get("lookalikes"):
        table = Table(title="Handles an impostor might take", title_justify="left", title_style="bold")
        for heading in ("handle", "platform", "what was done"):
            table.add_column(heading, overflow="fold")
        for item in preview["lookalikes"]:
            cells = (plain(item["handle"], 80), plain(item["platform"] or "any"), plain(item["summary"]))
            table.add_row(*map(Text, cells))
        console.print(table)


def print_import(console: Console, result: Wire) -> None:
    """Print what an import did: the counts, and the lines that were refused with the reason."""
    counts = ("inserted", "updated", "unchanged", "suppressed")
    _say(console, ", ".join(f"{result.get(name, 0):,} {name}" for name in counts), "bold")
    errors = result.get("errors") or ()
    total = result.get("rejected", len(errors))
    if total:
        _say(console, f"{total:,} line{'' if total == 1 else 's'} could not be taken:", "yellow")
    for item in errors[:20]:
        _say(console, f"   line {item['line']}: {plain(item['reason'], 1000)}")
    if total > 20:
        _say(console, "   ... the rest with --json", "dim")
