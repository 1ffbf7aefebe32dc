"""Pictures known by other systems' hashes alone: PDQ, as hash-sharing lists hold it, and pHash.

Only the whole picture is hashed, so a mirrored or closely cropped copy is not recognised, and the hashes of our own
scheme (matchers/photos.py) are compared instead wherever there are some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matchers.curves import read_off
from matchers.evidence import Finding
from matchers.photo_findings import tell_photo
from matchers.profile import Photo
from matchers.world import World

# Below it the authors of PDQ advise not to use the hash: the picture has too little in it.
PDQ_QUALITY = 50

# log2 likelihood ratio by distance, straight lines between the points and flat beyond them. Fitted on development
# people (python -m benchmarks.exchange_curves): 3,297 copies changed in 55 ways, 210,995 wrong pairs, among them the
# pictures of one studio against one another. No wrong pair was nearer than 56 bits of PDQ, 6 of pHash; the lines stop
# at what that number of pairs can show.
_PDQ = (
    (31, 17.0),
    (45, 14.5),
    (56, 12.0),
    (65, 9.5),
    (74, 6.0),
    (81, 4.5),
    (87, 3.4),
    (95, 1.2),
    (103, -0.2),
    (115, -1.7),
)
_PHASH = (
    (2, 17.0),
    (4, 14.0),
    (6, 11.0),
    (8, 8.8),
    (10, 7.4),
    (12, 5.8),
    (14, 4.3),
    (16, 2.9),
    (18, 1.5),
    (20, 0.5),
    (24, -2.1),
)


def pdq_usable(photo: Photo) -> bool:
    """Whether the picture has a PDQ that can be compared; one of unknown quality can."""
    return photo.pdq is not None and (photo.pdq_quality is None or photo.pdq_quality >= PDQ_QUALITY)


def compare_exchange(photos: Iterable[Photo], avatar: Photo, world: World) -> Finding | None:
    """Compare a subject's usable photos with an avatar that has no views; None where no hash is on both sides."""
    found = [pair for photo in photos for pair in _weigh(photo, avatar)]
    if not found:
        return None
    bits, name, distance = max(found)
    wearers = world.photo_counts.get(avatar.mark or 0, 0)
    same = "photo.same", f"The account uses the same photo, going by its {name} hash alone"
    return tell_photo(bits, wearers, same, {"distance": distance, "hash": name})


def _weigh(photo: Photo, avatar: Photo) -> Iterator[tuple[float, str, int]]:
    """Bits, name and distance for each hash that both pictures have."""
    if photo.pdq is not None and avatar.pdq is not None and pdq_usable(photo) and pdq_usable(avatar):
        distance = (photo.pdq ^ avatar.pdq).bit_count()
        yield read_off(_PDQ, distance), "PDQ", distance
    if photo.phash is not None and avatar.phash is not None:
        distance = (photo.phash ^ avatar.phash).bit_count()
        yield read_off(_PHASH, distance), "pHash", distance
