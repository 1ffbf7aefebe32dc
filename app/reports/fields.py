"""The fields of a form, parted into text that can be copied and what only the reporter can bring."""

from __future__ import annotations

from collections.abc import Iterator

from app.platforms.schemas import Channel, FormField
from app.platforms.texts import Item, Texts
from app.reports.route import CopyText, Reporter
from app.reports.wording import Values, fill, single_line


def _field_text(field: FormField, values: Values, reporter: Reporter) -> CopyText | None:
    template = field.fill.get(reporter.role) if isinstance(field.fill, dict) else field.fill
    text = fill(template, values) if template else None
    if template is None or not text:
        return None
    if field.one_line:
        text = " ".join(text.replace("\n- ", " ").split())
    if field.max_length and len(text) > field.max_length:
        text = single_line(text, field.max_length)
    chosen = "{" not in template or template == "{has_account}"
    return CopyText(field.label, text, "choose" if chosen else "paste")


def _proofs(channel: Channel, reporter: Reporter) -> Iterator[Item]:
    if channel.id_required == "yes":
        yield "id"
    if channel.id_required == "sometimes":
        yield "id_sometimes"
    if reporter.role == "authorised_representative":
        yield "authorised_representative"
    if reporter.role == "parent_or_guardian":
        yield "parent_or_guardian"
    if channel.purpose == "copyright":
        yield "copyright"
    if channel.channel == "api":
        yield "token"
    if channel.channel == "email" and channel.address is None:
        yield "address"
    if channel.needs_account == "yes" and reporter.has_account is False:
        yield "account"


def split_fields(
    channel: Channel, values: Values, reporter: Reporter, texts: Texts
) -> tuple[tuple[CopyText, ...], tuple[str, ...]]:
    """Part the form into what can be copied, in its own order, and what only the reporter has."""
    copy: list[CopyText] = []
    bring: list[str] = []
    for field in channel.fields:
        if field.roles and reporter.role not in field.roles:
            continue
        text = _field_text(field, values, reporter)
        if text:
            copy.append(text)
        else:
            bring.append(field.label)
    bring += [fill(texts.bring[item], values) or texts.bring[item] for item in _proofs(channel, reporter)]
    return tuple(copy), tuple(dict.fromkeys(bring))
