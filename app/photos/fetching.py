"""A picture at an address that a caller gave: fetched through `app.net`, never through anything else."""

from __future__ import annotations

from http import HTTPStatus

from app.net.client import Call, NetClient, Rules
from app.net.errors import NetError, RefusedAddressError, StatusError, TooBigError
from app.photos.intake import PhotoRejectedError, PhotoTooLargeError
from app.settings import Settings

SEND = "Send the picture itself in base64 instead."


class PhotoAddressError(PhotoRejectedError):
    """422: the address of a picture is one that is not fetched, or no picture could be had there."""

    slug = "photo_url_unreachable"
    title = "The picture cannot be fetched"


def fetch_photo(url: str, settings: Settings, pointer: str, instead: str = SEND) -> bytes:
    """Fetch a picture file; `pointer` says where the address stands in the request, `instead` what else can be done.

    Raises `PhotoAddressError` (slugs photo_url_refused and photo_url_unreachable) and `PhotoTooLargeError`.
    """
    client = NetClient(Rules.of(settings))
    try:
        call = Call("GET", url, {"Accept": "image/*"}, None, settings.max_photo_bytes, cached=False)
        reply = client.send(call)
        if reply.status != HTTPStatus.OK:
            raise StatusError(reply.status)
        return reply.content
    except TooBigError:
        limit = min(settings.max_photo_bytes, settings.net_max_bytes)
        too_large = PhotoTooLargeError(f"The picture has more than {limit:,} bytes; give a smaller one.")
        raise too_large.at(pointer) from None
    except NetError as error:
        raise _explain(error, instead).at(pointer) from None
    finally:
        client.close()


def _explain(error: NetError, instead: str) -> PhotoAddressError:
    refused = isinstance(error, RefusedAddressError)
    told = f"The picture could not be fetched: {error.detail[:1].lower()}{error.detail[1:]}."
    return PhotoAddressError(
        f"{told} {instead}",
        slug="photo_url_refused" if refused else "photo_url_unreachable",
    )
