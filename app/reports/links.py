"""Links that carry answers: query parameters, Zendesk's prefilled tickets, mailto (RFC 6068).

A link is filled only where the catalogue holds evidence that the page reads it. Too long a link loses its longest
text first, because Zendesk's theme ignores the whole prefill beyond its limit.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from app.platforms.schemas import Channel, Prefill, Rules
from app.reports.wording import Values, fill

ELLIPSIS = "…"
_URL_SIGNS = "%/:?#[]@!$&()*+,;=~"
# Texts that may be cut, the longest kind first; identities and addresses never are.
_CUTTABLE = ("{report_text}", "{dmca_text}", "{report_text_short}", "{subject}", "{copyright_subject}")
# Encoded length kept free for a text that can be cut; less of it would say nothing.
_ROOM = 400
_ZENDESK_FIELD = re.compile(r"tf_(?:anonymous_requester_)?")
_ZENDESK_NUMBER = re.compile(r"tf_[0-9]+")
# Zendesk's theme takes whatever stands between angle brackets for a tag and drops it (DOMPurify).
_NO_TAGS = str.maketrans("<>", "‹›")
Template = str | Mapping[str, str | None]
Build = Callable[[dict[str, str]], str]


@dataclass(frozen=True, slots=True)
class Link:
    """An address and the names of what it carries filled in; `shortened` names what did not fit whole."""

    url: str | None
    prefilled: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()


def _encoded(text: str) -> str:
    return quote(text.replace("\r\n", "\n").replace("\n", "\r\n"), safe="")


def _opened(url: str | None) -> str | None:
    """An observed address as a link: what is not ASCII is encoded, what is encoded stays."""
    return quote(url, safe=_URL_SIGNS) if url else None


def shorten(text: str, room: int) -> str:
    """Cut a text to `room` characters of percent-encoded length, at a word if one ends near; "" if nothing fits."""
    if len(_encoded(text)) <= room:
        return text
    left = room - len(_encoded(ELLIPSIS))
    end = 0
    for char in text:
        left -= len(_encoded(char))
        if left < 0:
            break
        end += 1
    kept = text[:end]
    space = kept.rfind(" ")
    if space > end - 40:
        kept = kept[:space]
    kept = kept.rstrip(" \r\n\u200d")
    return kept + ELLIPSIS if kept else ""


def _json_value(template: Mapping[str, str | None], values: Values) -> str | None:
    filled = {name: fill(part, values) if part is not None else None for name, part in template.items()}
    if any(filled[name] is None and part is not None for name, part in template.items()):
        return None
    return base64.b64encode(json.dumps(filled, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def _value(template: Template, values: Values) -> str | None:
    return fill(template, values) if isinstance(template, str) else _json_value(template, values)


def _is_constant(template: Template) -> bool:
    return isinstance(template, str) and "{" not in template


def _field_names(name: str, template: Template) -> list[str]:
    """What a parameter fills: a numbered Zendesk field is named after its value, a JSON parameter by its keys."""
    if not isinstance(template, str):
        return [key for key, part in template.items() if part and not _is_constant(part)]
    if _ZENDESK_NUMBER.fullmatch(name):
        return [template.strip("{}")]
    return [_ZENDESK_FIELD.sub("", name)]


def _fit(params: dict[str, str], prefill: Prefill, build: Build, limit: int) -> None:
    """Shorten texts in place, one kind after the other, until the link is within its limit."""
    for placeholder in _CUTTABLE:
        for name, template in prefill.params.items():
            if template == placeholder and name in params and len(build(params)) > limit:
                params[name] = shorten(params[name], limit - len(build({**params, name: ""})))


def _drop(params: dict[str, str], prefill: Prefill, build: Build, limit: int) -> dict[str, str]:
    """Leave out the longest answers that cannot be cut, where they would leave the texts no room."""
    kept = dict(params)
    whole = [name for name, template in prefill.params.items() if template not in _CUTTABLE and name in kept]
    fixed = [name for name in whole if not _is_constant(prefill.params[name])]
    room = limit - (_ROOM if len(whole) < len(kept) else 0)
    while fixed and len(build({name: kept[name] for name in whole if name in kept})) > room:
        fixed.remove(longest := max(fixed, key=lambda name: len(_encoded(kept[name]))))
        del kept[longest]
    return kept


def _query(base: str) -> Build:
    return lambda params: base + "?" + "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in params.items())


def _mailto(address: str | None) -> Build:
    to = quote(address or "", safe="@")
    return lambda params: f"mailto:{to}?" + "&".join(f"{name}={_encoded(v)}" for name, v in params.items())


def prefilled_link(channel: Channel, prefill: Prefill, values: Values, rules: Rules) -> Link | None:
    """The link with everything known filled in; None if nothing is or nothing fits."""
    found = {name: _value(template, values) for name, template in prefill.params.items()}
    params = {name: value for name, value in found.items() if value}
    answered = [name for name in params if not _is_constant(prefill.params[name])]
    if not answered:
        return None
    if prefill.kind == "zendesk":
        params = {name: value.translate(_NO_TAGS) for name, value in params.items()}
    build = _mailto(channel.address) if prefill.base is None else _query(prefill.base)
    limit: int = getattr(rules.limits, prefill.kind)
    params = _drop(params, prefill, build, limit)
    whole = dict(params)
    _fit(params, prefill, build, limit)
    params = {name: value for name, value in params.items() if value}
    answered = [name for name in answered if name in params]
    if not answered or len(build(params)) > limit:
        return None
    names = {name: _field_names(name, prefill.params[name]) for name in answered}
    cut = (names[name] for name in answered if params[name].endswith(ELLIPSIS) and len(params[name]) < len(whole[name]))
    return Link(build(params), tuple(chain.from_iterable(names.values())), tuple(chain.from_iterable(cut)))


def build_link(channel: Channel, values: Values, rules: Rules, role: str) -> Link:
    """The address to open for a channel: filled where that is known to work, else the plain form or profile."""
    if channel.prefill and channel.prefill.confidence in rules.prefill_needs:
        link = prefilled_link(channel, channel.prefill, values, rules)
        if link:
            return link
    if channel.preselects and role in channel.preselects.roles and channel.preselects.confidence in rules.prefill_needs:
        return Link(channel.preselects.url)
    return Link(plain_link(channel, values))


def plain_link(channel: Channel, values: Values) -> str | None:
    """The address of a form, a profile or a mailbox with nothing filled in."""
    if channel.channel == "in_app" and channel.url is None:
        return _opened(values.get("suspect_url"))
    if channel.channel == "email" and channel.address:
        return f"mailto:{channel.address}"
    return fill(channel.url, values) if channel.url else None
