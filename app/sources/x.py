"""X: users by name and by handle, paid for by each user that comes back.

Documents: API v2, /2/users/search and /2/users/by; fields as in X's own client (xdk). A user costs $0.010, told once a
day (docs.x.com, pay per use). What a call may cost at most is set aside before it is made, so that the budget is never
exceeded; what it really cost is told with the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.net.errors import BadReplyError
from app.net.reply import Reply
from app.platforms.identity import profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import (
    MAX_BIO,
    Json,
    address_of,
    count_of,
    flag_of,
    id_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from matchers.profile import Account, Link

BASE = "https://api.x.com/2/users/"
# Small pages and batches buy as much as a small budget allows; the platform takes up to 1,000 and 100.
PAGE = 20
BATCH = 10
FIELDS = (
    "created_at,description,entities,id,is_identity_verified,name,parody,profile_image_url,protected,public_metrics,"
    "username,verified,verified_type"
)
# What X shows of an account without a picture.
_NO_PICTURE = "/default_profile_images/"
# Kinds of a mark that say more than that somebody paid; see matchers/data/verified_marks.tsv.
_VOUCHED = frozenset({"government", "business"})
# What is told of an account that is not there, by the problem's type and title: unknown, or suspended.
_GONE = ("/resource-not-found", "Not Found Error", "Forbidden")
_REFUSALS = {
    402: "The credit at X is used up",
    403: "X does not let this key ask for users by name or handle",
}


def connect(settings: Settings) -> Remote:
    """Describe X; it needs a bearer token, and a budget in money."""
    token, price = settings.x_bearer_token, settings.x_price_per_user
    info = SourceInfo(
        name="x",
        title="X (Twitter)",
        sees="Accounts found by name, and accounts with a similar user name, with dates and counts",
        cannot_see="Suspended accounts; what your plan with X does not include",
        leaves_machine=True,
        needs_key=True,
        cost=f"${price:.3f} for each account that X returns, paid to X; nothing is asked without a budget in money",
        ready=token is not None,
        not_ready=None if token is not None else "Set CLONECHECK_X_BEARER_TOKEN to a bearer token of the X API",
        platforms=("x",),
        settings=("x_bearer_token", "x_price_per_user"),
        terms="https://developer.x.com/en/developer-terms/agreement-and-policy",
        lookup_size=BATCH,
        money_per_search=PAGE * price,
        money_per_handle=price,
        known_handle="X",
    )
    return Remote(info, () if token is None else (X(token.get_secret_value(), price),))


class X:
    """The X API, version 2."""

    def __init__(self, token: str, price: float) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._price = price

    @property
    def place(self) -> str:
        """The platform."""
        return "X"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of users that match a name."""
        params: dict[str, str | int] = {"query": name, "max_results": PAGE, "user.fields": FIELDS}
        if cursor is not None:
            params["next_token"] = cursor
        return self._answer(ask.get(BASE + "search", params, headers=self._headers))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The users that have these handles."""
        params = {"usernames": ",".join(handles), "user.fields": FIELDS}
        return self._answer(ask.get(BASE + "by", params, headers=self._headers))

    def _answer(self, reply: Reply) -> Answer:
        if reply.status in _REFUSALS:
            return Answer(status="unknown", detail=_REFUSALS[reply.status])
        body = reply.expect().json_object()
        # Without users there is no `data`, and something else says why.
        if not body.keys() & {"data", "meta", "errors"}:
            raise BadReplyError
        users = objects_of(body.get("data"))
        sightings = tuple(sighting for user in users if (sighting := _sighting(user)) is not None)
        hidden = any(not _is_gone(error) for error in objects_of(body.get("errors")))
        return Answer(
            sightings,
            "partial" if hidden else "ok",
            "X kept some of the accounts to itself" if hidden else None,
            text_of(object_of(body.get("meta")).get("next_token"), 512),
            # Whatever comes back is paid for, whether it can be read or not.
            cost=self._price * _length(body.get("data")),
        )


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _is_gone(error: Mapping[str, object]) -> bool:
    kind, title = text_of(error.get("type"), 512) or "", text_of(error.get("title"), 512)
    return kind.endswith(_GONE[0]) or title in _GONE[1:]


def _sighting(user: Json) -> Sighting | None:
    user_id, handle = id_of(user.get("id")), text_of(user.get("username"), 512)
    if user_id is None and handle is None:
        return None
    metrics = object_of(user.get("public_metrics"))
    verified, kind = _verification(user)
    account = Account(
        platform="x",
        handle=handle,
        account_id=user_id,
        display_name=text_of(user.get("name")),
        bio=text_of(user.get("description"), MAX_BIO),
        profile_url=profile_url("x", handle, user_id),
        created_at=moment_of(user.get("created_at")),
        followers=count_of(metrics.get("followers_count")),
        following=count_of(metrics.get("following_count")),
        # X renamed the field with the posts.
        posts=count_of(metrics.get("post_count", metrics.get("tweet_count"))),
        verified=verified,
        verified_kind=kind,
        protected=flag_of(user.get("protected")),
        labels=("parody",) if user.get("parody") is True else (),
        links=tuple(map(Link, dict.fromkeys(_links(object_of(user.get("entities")))))),
    )
    return Sighting(account, _picture(address_of(user.get("profile_image_url"))))


def _verification(user: Json) -> tuple[bool | None, str | None]:
    """The strongest mark: X names the kind of badge, and says apart whether it has seen an identity document."""
    named = text_of(user.get("verified_type"), 100)
    if named in _VOUCHED:
        return True, named
    if user.get("is_identity_verified") is True:
        return True, "identity_verified"
    if named == "blue":
        return True, named
    return flag_of(user.get("verified")), None


def _links(entities: Json) -> Iterator[str]:
    """The addresses in the profile, as they were before X shortened them."""
    for part in ("url", "description"):
        for one in objects_of(object_of(entities.get(part)).get("urls")):
            if url := address_of(one.get("expanded_url")):
                yield url


def _picture(url: str | None) -> Picture | None:
    """The avatar in 400 pixels; the address that the API gives is that of the one in 48."""
    if url is None or _NO_PICTURE in url:
        return None
    stem, mark, ending = url.rpartition("_normal.")
    return Picture(f"{stem}_400x400.{ending}" if mark and "/" not in ending else url)
