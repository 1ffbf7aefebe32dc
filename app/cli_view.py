"""What people read on the terminal: scans, comparisons, imports and report routes, in plain words.

Names, handles and biographies are written by strangers. They reach the terminal as plain text only: never as markup,
and never with characters that move the cursor, turn the direction of writing or hide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.plain_text import Piece, mark_text, plain, say_chance

Wire = Mapping[str, Any]

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
# Of these sources there is something that was not looked at.
_UNSEEN = frozenset({"partial", "unknown", "rate_limited", "skipped"})
# Headings of those who are no suspects, the calmest first.
_QUIET = {
    "own_account": "Your own accounts",
    "namesake": "Other people of the same name",
    "fan_or_parody": "Fans and parodies that say so",
    "unrelated": "Probably nothing to do with you",
}
NO_PICTURES: Mapping[str, Text] = MappingProxyType({})
# What differs from the person's own: seen without colours too.
MARKED = "reverse"
# Below this many columns a table is harder to read than the list under it.
_WIDE = 72
_NARROWEST = 20
# How it was proven that a source reads its platform's replies as they are meant (`Verified`).
PROOFS = {
    "live_server": "a real server",
    "recorded": "replies recorded from it",
    "documented": "its documents only",
}


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


def print_scan(console: Console, scan: Wire, pictures: Mapping[str, Text] = NO_PICTURES) -> None:
    """Print a finished scan: the ranked suspects, why each is one, how to report it, and what was set aside.

    `pictures` are shown beside the suspects, by their ids; what was not looked at is told last, where it is read.
    """
    suspects, coverage = scan.get("suspects", ()), scan.get("coverage", ())
    _print_subject(console, scan.get("subject", {}))
    _print_coverage(console, coverage)
    if spent := say_spending(scan):
        say(console, spent, "yellow")
    if scan.get("status") not in {"completed", None}:
        say(console, f"This scan is {scan['status']}; below is what it has found so far.", "yellow")
    if not suspects:
        say(console, "\nNo suspected clone among the accounts looked at.", "bold green")
    else:
        _print_ranking(console, suspects)
        for suspect in suspects:
            _print_suspect(console, suspect, pictures.get(suspect.get("id", "")))
    _print_set_aside(console, scan.get("set_aside", ()))
    _print_unseen(console, coverage)
    if scan.get("id"):
        told = f"\nThis is scan {scan['id']}. See it again: clonecheck show {scan['id']}"
        console.print(Text(told, style="dim"), highlight=False, soft_wrap=True)
        if suspects:
            evidence = f"A file of evidence to hand on: clonecheck evidence {scan['id']} NUMBER"
            console.print(Text(evidence, style="dim"), highlight=False, soft_wrap=True)


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph; lines that had to be broken stand under the first, behind its bullet."""
    body = text.lstrip("\n")
    console.print("\n" * (len(text) - len(body)), end="")
    bare = body.lstrip(" ")
    indent = len(body) - len(bare)
    hang = indent + 2 * bare.startswith(("+ ", "- "))
    lines = Text(bare, style=style).wrap(console, max(_NARROWEST, console.width - hang))
    for at, line in enumerate(lines):
        line.rstrip()
        console.print(Text(" " * (hang if at else indent)).append_text(line), highlight=False, soft_wrap=True)


def _print_subject(console: Console, subject: Wire) -> None:
    sharers, photo = subject.get("name_sharers"), subject.get("photo")
    if sharers:
        low, high = sharers["low"], sharers["high"]
        told = f"About {sharers['estimate']:,} people share this name (likely between {low:,} and {high:,})."
        say(console, told if high > 2 else "Hardly anybody shares this name.")
    if photo and not photo["usable"]:
        say(console, f"The photo cannot be compared: {plain(photo['reason'])}", "yellow")


def _print_coverage(console: Console, coverage: Sequence[Wire]) -> None:
    for item in coverage:
        if item["status"] == "manual":
            continue
        did = _COVERAGE.get(item["status"], plain(item["status"]))
        detail = f" ({plain(item['detail'])})" if item.get("detail") else ""
        effort = f", {say_effort(item)}" if say_effort(item) else ""
        compared = f"{item['accounts']} account{'' if item['accounts'] == 1 else 's'} compared"
        told = f"{plain(item['source'])}: {did}, {compared}{effort}{detail}"
        say(console, told, "" if item["status"] == "ok" else "yellow")


def _print_unseen(console: Console, coverage: Sequence[Wire]) -> None:
    """Print what was not looked at: a clone may be there all the same."""
    unseen = [item for item in coverage if item["status"] in _UNSEEN]
    manual = [item for item in coverage if item["status"] == "manual"]
    here_alone = [item["source"] for item in coverage] == ["index"]
    if not (unseen or manual or here_alone):
        return
    say(console, "\nNot looked at, so a clone may be there all the same", "bold")
    for item in unseen:
        part = "wholly" if item["accounts"] else "at all"
        say(console, f"  {plain(item['source'])}: not {part}. {plain(item.get('detail') or '')}".rstrip(), "yellow")
    if here_alone:
        told = "every platform; only accounts imported here were compared. To ask one, add for example"
        say(console, f"  {told} --source bluesky; clonecheck sources lists them.", "yellow")
    for item in manual:
        say(console, f"  {plain(item.get('detail') or 'These have to be searched by hand').rstrip('.:')}:")
        for link in item.get("links", ()):
            print_link(console, f"    {plain(link['title'])}", link["url"])


def _print_ranking(console: Console, suspects: Sequence[Wire]) -> None:
    title = f"\nSuspected accounts: {len(suspects)}"
    say(console, title, "bold")
    if len(suspects) == 1 or console.width < _WIDE:
        return
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("")
    table.add_column("chance", no_wrap=True)
    table.add_column("account", overflow="fold")
    table.add_column("name shown", overflow="fold")
    table.add_column("looks like")
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


def mark_account(account: Wire, evidence: Sequence[Wire]) -> Text:
    """Name an account like `say_account`, with the characters marked that differ from the person's own."""
    text = Text(str(plain(account.get("platform") or "unknown")))
    handle, name = account.get("handle") or account.get("account_id"), account.get("display_name")
    if handle:
        _append(text.append(" @"), mark_text(handle, _spans(evidence, "handle"), 80))
    if name:
        _append(text.append(" “"), mark_text(name, _spans(evidence, "name"), 80)).append("”")
    return text


def _append(text: Text, pieces: Sequence[Piece]) -> Text:
    for piece in pieces:
        text.append(piece.text, MARKED if piece.marked else "")
    return text


def _spans(evidence: Sequence[Wire], field: str) -> list[tuple[int, int]]:
    spans = [span for item in evidence for span in item.get("spans", ())]
    return [(one["start"], one["end"]) for one in spans if one["side"] == "candidate" and one["field"] == field]


def _print_suspect(console: Console, suspect: Wire, picture: Text | None) -> None:
    verdict = suspect["verdict"]
    console.print()
    heading = Text(f"{suspect['rank']}. ").append_text(mark_account(suspect["account"], suspect["evidence"]))
    heading.stylize("bold")
    console.print(heading, highlight=False)
    told = f"   {_say_verdict(verdict)}; {say_chance(suspect['probability'])} like this were clones"
    say(console, told, _STYLES.get(verdict, ""))
    if picture is not None:
        console.print(picture, highlight=False, soft_wrap=True)
    if suspect.get("declares_parody"):
        told = "It says somewhere that it is a parody or fan account, but may still be taken for the person."
        say(console, f"   {told}", "yellow")
    _print_evidence(console, suspect["evidence"])
    hinge = suspect.get("hinges_on")
    if hinge:
        without = _say_verdict(hinge["verdict_without"], short=True)
        signal = _SIGNALS.get(hinge["signal"], hinge["signal"])
        say(console, f"   Hangs on the {signal}: without it, {without}.", "dim")
    if suspect["account"].get("profile_url"):
        print_link(console, "   Profile", suspect["account"]["profile_url"])
    _print_best_routes(console, suspect.get("report", {}))


def _print_evidence(console: Console, evidence: Sequence[Wire]) -> None:
    for item in evidence:
        sign, style = ("+", "") if item["bits"] > 0 else ("-", "dim")
        say(console, f"   {sign} {plain(item['summary'], 1000)}", style)


def print_link(console: Console, label: str, url: str) -> None:
    """Print a link on one line, so that it can be clicked."""
    console.print(Text(f"{label}: {plain(url, 4000)}"), highlight=False, soft_wrap=True)


def _print_best_routes(console: Console, report: Wire, most: int = 2) -> None:
    routes = report.get("routes", ())
    for route in routes[:most]:
        print_route(console, route, "   Report:")
    if len(routes) > most:
        more = len(routes) - most
        say(console, f"   {more} more way{'' if more == 1 else 's'} to report it: clonecheck routes, or --json", "dim")
    if report.get("none_because"):
        say(console, f"   No way to report: {plain(report['none_because'], 1000)}")


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
        say(console, heading)


def _print_set_aside(console: Console, set_aside: Sequence[Wire]) -> None:
    """Print who is no suspect in a quiet list, by what each was taken for."""
    if not set_aside:
        return
    say(console, "\nNot suspected, and why", "bold")
    for verdict in dict.fromkeys((*_QUIET, *(item["verdict"] for item in set_aside))):
        same = [item for item in set_aside if item["verdict"] == verdict]
        if same:
            say(console, f"  {_QUIET.get(verdict) or _say_verdict(verdict, short=True).capitalize()}", "italic")
        for item in same:
            say(console, f"    {say_account(item['account'])}: {plain(item['reason'])}", "dim")


def print_comparison(console: Console, comparison: Wire) -> None:
    """Print a comparison of a subject with one account."""
    verdict = comparison["verdict"]
    told = f"{_say_verdict(verdict)}; {say_chance(comparison['probability'])} like this were clones"
    say(console, told[:1].upper() + told[1:], _STYLES.get(verdict, "bold"))
    if comparison.get("reason"):
        say(console, f"   {plain(comparison['reason'])}")
    _print_evidence(console, comparison["evidence"])
    if not comparison["evidence"]:
        say(console, "   There is nothing that both sides tell, so nothing could be compared.")


def print_check(console: Console, check: Wire) -> None:
    """Print which protected people an account copies, and whose own account it is."""
    photo = check.get("photo")
    if photo and not photo["usable"]:
        say(console, plain(photo["reason"]), "yellow")
    if not check["matches"]:
        say(console, "This account copies none of the protected people, as far as can be seen.", "bold green")
    for match in (*check["matches"], *check["set_aside"]):
        say(console, f"\nSubject {plain(match['subject_id'])}", "bold")
        print_comparison(console, match)


def print_preview(console: Console, preview: Wire) -> None:
    """Print what is known before any search: what the name proves, whether the photo serves, likely lookalikes."""
    if preview.get("name_note"):
        say(console, f"{plain(preview['name_note'])}.")
    photo = preview.get("photo")
    if photo:
        told = "The photo can be compared." if photo["usable"] else f"The photo cannot be compared: {photo['reason']}"
        say(console, plain(told), "" if photo["usable"] else "yellow")
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
    say(console, ", ".join(f"{result.get(name, 0):,} {name}" for name in counts), "bold")
    errors = result.get("errors") or ()
    total = result.get("rejected", len(errors))
    if total:
        say(console, f"{total:,} line{'' if total == 1 else 's'} could not be taken:", "yellow")
    for item in errors[:20]:
        say(console, f"   line {item['line']}: {plain(item['reason'], 1000)}")
    if total > 20:
        say(console, "   ... the rest with --json", "dim")
