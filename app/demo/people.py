"""A drawn person: how one looks and is framed, and the drawing of body, head, hair and face."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.demo.textures import Colour, any_colour, cut_field, shade, vary

Points = list[tuple[float, float]]

_SKINS: tuple[Colour, ...] = (
    (246, 219, 196),
    (233, 194, 160),
    (214, 168, 128),
    (188, 138, 98),
    (141, 96, 66),
    (104, 68, 46),
    (70, 46, 34),
)
_HAIRS: tuple[Colour, ...] = (
    (22, 18, 18),
    (48, 32, 24),
    (92, 60, 36),
    (150, 108, 60),
    (214, 180, 116),
    (160, 66, 34),
    (150, 150, 152),
    (225, 222, 216),
    (90, 50, 120),
)
_STYLES = ("bald", "short", "short", "parted", "long", "long", "curls", "bun", "cloud", "scarf", "cap")
_CLOTHES = ("plain", "plain", "stripes", "checks", "suit", "suit", "dots", "knit")


@dataclass(frozen=True, slots=True)
class Look:
    """What stays with a person from one picture to the next."""

    skin: Colour
    hair: Colour
    style: str
    width: float  # of the head, as a share of its height
    beard: float  # 0 none .. 1 full
    glasses: bool
    brow: float
    mouth: float


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head is (pixels), how large (half its height), how tilted (radians) and turned (-1..1)."""

    x: float
    y: float
    size: float
    tilt: float
    turn: float

    def place(self, u: float, v: float) -> tuple[float, float]:
        """Turn head coordinates (half heights; right, down) into canvas pixels."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        return self.x + self.size * (u * cos - v * sin), self.y + self.size * (u * sin + v * cos)

    def oval(self, u: float, v: float, across: float, down: float, start: int = 0, end: int = 360) -> Points:
        """Points of an oval, or of the part of it between two angles (degrees, clockwise from the right)."""
        angles = [math.radians(a) for a in range(start, end + 1, 12)]
        return [self.place(u + across * math.cos(a), v + down * math.sin(a)) for a in angles]


def choose_look(rng: random.Random) -> Look:
    """Make up a person."""
    return Look(
        skin=vary(rng, rng.choice(_SKINS), 12),
        hair=vary(rng, rng.choice(_HAIRS), 14),
        style=rng.choice(_STYLES),
        width=rng.uniform(0.66, 0.88),
        beard=rng.choice((0.0, 0.0, 0.0, 0.5, 1.0)),
        glasses=rng.random() < 0.3,
        brow=rng.uniform(-0.06, 0.06),
        mouth=rng.uniform(0.2, 0.38),
    )


def choose_pose(rng: random.Random, side: int) -> Pose:
    """Frame a person on a canvas of `side` pixels, from close-up to half length."""
    size = side * rng.choice((rng.uniform(0.13, 0.22), rng.uniform(0.2, 0.32), rng.uniform(0.28, 0.42)))
    return Pose(
        x=side * rng.gauss(0.5, 0.1),
        y=min(side * rng.uniform(0.26, 0.56), side * 0.95 - size),
        size=size,
        tilt=rng.gauss(0, 0.12),
        turn=rng.uniform(-1, 1),
    )


def stand_aside(rng: random.Random, pose: Pose, side: int) -> Pose:
    """Place a second person behind the shoulder of the first one."""
    size = pose.size * rng.uniform(0.6, 0.85)
    away = rng.choice((-1, 1)) * pose.size * rng.uniform(1.5, 2.4)
    return Pose(pose.x + away, pose.y + rng.uniform(-0.1, 0.2) * side, size, rng.gauss(0, 0.1), rng.uniform(-1, 1))


def draw_person(rng: random.Random, canvas: Image.Image, look: Look, pose: Pose) -> None:
    """Draw a person onto a canvas."""
    draw = ImageDraw.Draw(canvas)
    _draw_hair_behind(draw, look, pose)
    _draw_body(rng, canvas, look, pose)
    _draw_head(draw, look, pose)
    _draw_face(rng, draw, look, pose)
    _draw_hair(rng, draw, look, pose)


def _draw_body(rng: random.Random, canvas: Image.Image, look: Look, pose: Pose) -> None:
    draw, size = ImageDraw.Draw(canvas), pose.size
    lean, spread = rng.uniform(-0.35, 0.35), rng.uniform(1.35, 2.1)
    neck_x, top = pose.x + lean * size * 0.3, pose.y + size * rng.uniform(1.2, 1.45)
    left, right = neck_x - spread * size * rng.uniform(0.8, 1), neck_x + spread * size * rng.uniform(0.8, 1)
    bottom, slope = canvas.height + size, size * rng.uniform(0.35, 0.8)
    half = size * look.width * 0.5
    torso = [(neck_x - half, top), (neck_x + half, top), (right, top + slope), (right + size * 0.3, bottom)]
    torso += [(left - size * 0.3, bottom), (left, top + slope)]
    cloth = _make_cloth(rng, canvas.width)
    mask = Image.new("L", canvas.size)
    ImageDraw.Draw(mask).polygon(torso, fill=255)
    canvas.paste(cloth, (0, 0), mask)
    neck = [(pose.x - half * 0.9, pose.y + size * 0.4), (pose.x + half * 0.9, pose.y + size * 0.4)]
    depth = size * rng.uniform(0.05, 0.6)
    draw.polygon([*neck, (neck_x + half, top), (neck_x, top + depth), (neck_x - half, top)], fill=shade(look.skin, 0.8))
    if rng.random() < 0.5:
        _draw_collar(rng, draw, neck_x, top, half)


def _make_cloth(rng: random.Random, side: int) -> Image.Image:
    colour, other = any_colour(rng, 15, 235), any_colour(rng, 15, 235)
    kind = rng.choice(_CLOTHES)
    small = Image.new("RGB", (side // 2, side // 2), shade(colour, 0.5) if kind == "suit" else colour)
    draw, step = ImageDraw.Draw(small), rng.randint(8, 30)
    for at in range(0, side // 2, step):
        if kind in {"stripes", "checks"}:
            draw.line((0, at, side, at + rng.randint(-2, 2)), fill=other, width=max(2, step // 3))
        if kind == "checks":
            draw.line((at, 0, at, side), fill=other, width=max(2, step // 4))
        for x in range(0, side // 2, step) if kind == "dots" else ():
            draw.ellipse((x, at, x + step // 2, at + step // 2), fill=other)
    grain = cut_field(rng, 1 if kind == "knit" else 0, side // 2) * (24 if kind == "knit" else 9) + 128
    weave = Image.fromarray(grain.clip(0, 255).astype("uint8"))
    blended = Image.blend(small, Image.merge("RGB", (weave, weave, weave)), 0.3)
    return blended.resize((side, side), Image.Resampling.BILINEAR)


def _draw_collar(rng: random.Random, draw: ImageDraw.ImageDraw, x: float, top: float, half: float) -> None:
    colour = any_colour(rng, 60, 250)
    for sign in (-1, 1):
        draw.polygon(
            [(x + sign * half, top - half * 0.4), (x + sign * half * 1.5, top + half), (x, top + half)], fill=colour
        )
    if rng.random() < 0.6:
        tie = any_colour(rng)
        draw.polygon(
            [(x - half * 0.25, top + half * 0.4), (x + half * 0.25, top + half * 0.4), (x, top + 6 * half)], fill=tie
        )


def _draw_head(draw: ImageDraw.ImageDraw, look: Look, pose: Pose) -> None:
    for sign in (-1, 1):
        at = sign * look.width - pose.turn * 0.08
        draw.polygon(pose.oval(at, 0.05, 0.1, 0.2), fill=shade(look.skin, 0.85))
    draw.polygon(pose.oval(0, 0, look.width, 1.0), fill=look.skin)
    # One side of the face lies in shadow, more so the further the head is turned.
    side = 1 if pose.turn > 0 else -1
    shadow = pose.oval(0, 0, look.width, 1.0, -84, 84) if side > 0 else pose.oval(0, 0, look.width, 1.0, 96, 264)
    inner = pose.oval(0, 0, look.width * (0.75 - 0.4 * abs(pose.turn)) * side, 1.0, -84, 84)
    draw.polygon(shadow + inner[:: -1 if side > 0 else 1], fill=shade(look.skin, 0.86))


def _draw_face(rng: random.Random, draw: ImageDraw.ImageDraw, look: Look, pose: Pose) -> None:
    shift, line = pose.turn * 0.22, max(2, round(pose.size * 0.05))
    dark = shade(look.hair, 0.7) if look.style != "bald" else (50, 40, 36)
    if look.beard:
        draw.polygon(pose.oval(0, 0, look.width, 1.0, 12, 168), fill=shade(look.hair, 0.9))
        draw.polygon(pose.oval(shift * 0.5, 0.1, look.width * 0.85, 1.0 - 0.55 * look.beard), fill=look.skin)
    iris = any_colour(rng, 20, 80)
    for sign in (-1, 1):
        at = shift + sign * 0.33
        draw.polygon(pose.oval(at, -0.1, 0.14, 0.075), fill=(238, 236, 232))
        draw.polygon(pose.oval(at + pose.turn * 0.04, -0.1, 0.06, 0.07), fill=iris)
        brow = [pose.place(at - 0.17, -0.27 + sign * look.brow), pose.place(at + 0.17, -0.27 - sign * look.brow)]
        draw.line(brow, fill=dark, width=line)
        if look.glasses:
            draw.polygon(pose.oval(at, -0.08, 0.24, 0.18), outline=(25, 25, 30), width=line)
    nose = [pose.place(shift * 0.8, -0.1), pose.place(shift * 1.5 + 0.08, 0.24), pose.place(shift, 0.27)]
    draw.line(nose, fill=shade(look.skin, 0.7), width=line)
    _draw_mouth(rng, draw, look, pose)


def _draw_mouth(rng: random.Random, draw: ImageDraw.ImageDraw, look: Look, pose: Pose) -> None:
    shift, lips = pose.turn * 0.2, vary(rng, (176, 84, 80), 30)
    smile = rng.uniform(0.02, 0.2)
    draw.polygon(pose.oval(shift, 0.5, look.mouth, smile, 0, 180), fill=lips)
    if smile > 0.09:
        draw.polygon(pose.oval(shift, 0.51, look.mouth * 0.8, smile * 0.55, 0, 180), fill=(244, 240, 232))


def _draw_hair_behind(draw: ImageDraw.ImageDraw, look: Look, pose: Pose) -> None:
    if look.style == "long":
        draw.polygon(pose.oval(0, 0.35, look.width * 1.35, 1.5), fill=shade(look.hair, 0.75))
    elif look.style == "cloud":
        draw.polygon(pose.oval(0, -0.25, look.width * 1.7, 1.25), fill=look.hair)
    elif look.style == "bun":
        draw.polygon(pose.oval(0, -1.15, 0.38, 0.32), fill=look.hair)
    elif look.style == "scarf":
        draw.polygon(pose.oval(0, 0.2, look.width * 1.3, 1.45), fill=shade(look.hair, 1.6))


def _draw_hair(rng: random.Random, draw: ImageDraw.ImageDraw, look: Look, pose: Pose) -> None:
    if look.style == "bald":
        draw.polygon(pose.oval(-0.1, -0.66, 0.25, 0.16), fill=shade(look.skin, 1.08))
        return
    colour = shade(look.hair, 1.6) if look.style == "scarf" else look.hair
    outer = pose.oval(0, -0.12, look.width * 1.12, 1.02, 180, 360)
    line = rng.uniform(-0.75, -0.42)
    part = rng.uniform(-0.5, 0.5) * look.width
    fringe = [
        pose.place(look.width * 0.95, line + 0.3),
        pose.place(part, line - 0.12),
        pose.place(-look.width * 0.95, line + 0.3),
    ]
    draw.polygon(outer + fringe, fill=colour)
    if look.style == "cap":
        draw.polygon(pose.oval(pose.turn * 0.3, -0.52, look.width * 1.25, 0.14), fill=shade(colour, 0.6))
    elif look.style == "curls":
        for _ in range(45):
            u, v = rng.uniform(-1.15, 1.15) * look.width, rng.uniform(-1.2, line)
            draw.polygon(pose.oval(u, v, 0.15, 0.15), fill=shade(colour, rng.uniform(0.7, 1.4)))
    else:
        _draw_strands(rng, draw, colour, look, pose)


def _draw_strands(rng: random.Random, draw: ImageDraw.ImageDraw, colour: Colour, look: Look, pose: Pose) -> None:
    falls = 1.4 if look.style == "long" else 0.25
    for _ in range(36):
        side = rng.choice((-1, 1))
        start = pose.place(rng.uniform(-0.3, 0.3), rng.uniform(-1.08, -0.95))
        middle = pose.place(side * look.width * rng.uniform(0.4, 0.95), rng.uniform(-0.95, -0.65))
        end = pose.place(side * look.width * rng.uniform(1.0, 1.2), rng.uniform(-0.4, falls))
        draw.line(
            [start, middle, end], fill=shade(colour, rng.uniform(0.6, 1.5)), width=max(1, round(pose.size * 0.03))
        )
