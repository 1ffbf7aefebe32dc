"""The changes behind `benchmarks.transforms`: cut, mask, decorate, recolour, turn and pad a square RGB picture."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Picture = Image.Image
Colour = tuple[int, int, int]

LANCZOS = Image.Resampling.LANCZOS
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(8, int(size)))


def _colour(rng: np.random.Generator, low: int = 20, high: int = 256) -> Colour:
    red, green, blue = (int(v) for v in rng.integers(low, high, 3))
    return red, green, blue


def crop(image: Picture, off: float, x: float = 0.5, y: float = 0.5) -> Picture:
    """Cut `off` (0..1) of the side away; `x` and `y` (0..1) place what is left."""
    side = image.width * (1 - off)
    left, top = (image.width - side) * x, (image.height - side) * y
    return image.crop((round(left), round(top), round(left + side), round(top + side)))


def crop_off_centre(image: Picture, off: float, rng: np.random.Generator) -> Picture:
    """Cut to somewhere near the edge: at least .3 of the room away from the middle on one axis."""
    while True:
        x, y = rng.uniform(0, 1, 2)
        if max(abs(x - 0.5), abs(y - 0.5)) >= 0.3:
            return crop(image, off, x, y)


def _disc(size: int) -> Picture:
    mask = Image.new("L", (2 * size, 2 * size), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, 2 * size - 1, 2 * size - 1), fill=255)
    return mask.resize((size, size), LANCZOS)


def _masked(image: Picture, mask: Picture, ground: Colour) -> Picture:
    return Image.composite(image, Image.new("RGB", image.size, ground), mask)


def cut_circle(image: Picture, ground: Colour = WHITE) -> Picture:
    """Keep the inscribed circle on a plain ground."""
    return _masked(image, _disc(image.width), ground)


def cut_circle_alpha(image: Picture) -> Picture:
    """Keep the inscribed circle, transparent outside."""
    out = image.convert("RGBA")
    out.putalpha(_disc(image.width))
    return out


def round_corners(image: Picture) -> Picture:
    """Round the corners by 22 % of the side, white outside."""
    mask = Image.new("L", image.size, 0)
    box = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=int(image.width * 0.22), fill=255)
    return _masked(image, mask, WHITE)


def add_ring(image: Picture, rng: np.random.Generator, width: float = 0.07) -> Picture:
    """Shrink into a coloured ring on white, as story rings do."""
    size = image.width
    inner = round(size * (1 - 2 * width))
    out = cut_circle(Image.new("RGB", image.size, _colour(rng)))
    place = (size - inner) // 2
    out.paste(image.resize((inner, inner), LANCZOS), (place, place), _disc(inner))
    return out


def add_frame(image: Picture, rng: np.random.Generator, width: float = 0.08) -> Picture:
    """Shrink into a plain square frame."""
    size = image.width
    border = int(size * width)
    out = Image.new("RGB", image.size, [WHITE, BLACK, (200, 30, 40), (30, 90, 200)][rng.integers(4)])
    out.paste(image.resize((size - 2 * border,) * 2, LANCZOS), (border, border))
    return out


def add_arc(image: Picture, _rng: np.random.Generator) -> Picture:
    """Cut to a circle and lay a green arc with words over it, as job seekers do."""
    size = image.width
    arc = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(arc)
    draw.arc((0, 0, size - 1, size - 1), 25, 200, fill=(70, 115, 30, 235), width=int(size * 0.14))
    for i, letter in enumerate("#OPENTOWORK"):
        angle, radius = math.radians(175 - i * 13), size * 0.43
        at = (size / 2 + radius * math.cos(angle), size / 2 + radius * math.sin(angle))
        draw.text(at, letter, font=_font(size * 0.075), fill="white", anchor="mm")
    out = cut_circle(image)
    out.paste(arc, (0, 0), arc)
    return out


def blend_flag(image: Picture, rng: np.random.Generator) -> Picture:
    """Lay three coloured stripes over it at 40 %."""
    size, upright = image.width, rng.integers(2)
    flag = Image.new("RGB", image.size)
    for i in range(3):
        near, far = i * size // 3, (i + 1) * size // 3
        box = (near, 0, far, size) if upright else (0, near, size, far)
        ImageDraw.Draw(flag).rectangle(box, fill=_colour(rng, 0))
    return Image.blend(image, flag, 0.4)


def add_banner(image: Picture, rng: np.random.Generator) -> Picture:
    """Cover the lowest fifth with a banner."""
    out, size = image.copy(), image.width
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, int(size * 0.8), size, size), fill=_colour(rng, 0, 200))
    draw.text((size / 2, size * 0.9), "OFFICIAL ACCOUNT", font=_font(size * 0.085), fill="white", anchor="mm")
    return out


def add_sticker(image: Picture, rng: np.random.Generator) -> Picture:
    """Put a yellow face of 28 % into a corner."""
    out, size = image.copy(), image.width
    wide = int(size * 0.28)
    x, y = int(rng.integers(2)) * (size - wide), int(rng.integers(2)) * (size - wide)
    draw = ImageDraw.Draw(out)
    draw.ellipse((x, y, x + wide, y + wide), fill=(255, 205, 60))
    for eye in (0.33, 0.67):
        box = (x + wide * (eye - 0.07), y + wide * 0.3, x + wide * (eye + 0.07), y + wide * 0.46)
        draw.ellipse(box, fill="black")
    mouth = (x + wide * 0.25, y + wide * 0.3, x + wide * 0.75, y + wide * 0.8)
    draw.arc(mouth, 20, 160, fill="black", width=max(2, wide // 18))
    return out


def add_watermark(image: Picture) -> Picture:
    """Write pale words across it."""
    size = image.width
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    for i in range(4):
        at = (size * 0.1, size * (0.1 + 0.22 * i))
        ImageDraw.Draw(layer).text(at, "preview sample copy", font=_font(size * 0.09), fill=(255, 255, 255, 110))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _recolour(image: Picture, scale: Colour | tuple[float, ...], shift: tuple[float, ...]) -> Picture:
    values = np.asarray(image, np.float64) * np.array(scale) + np.array(shift)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def tint_sepia(image: Picture) -> Picture:
    """Brown it."""
    return _recolour(image.convert("L").convert("RGB"), (1.07, 0.92, 0.70), (20, 10, 0))


def filter_warm(image: Picture) -> Picture:
    """Warm, faded, darker towards the corners."""
    y, x = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    dim = (1 - 0.28 * np.clip(x * x + y * y - 0.3, 0, 2)) * 255
    faded = _recolour(ImageEnhance.Color(image).enhance(0.85), (0.86, 0.82, 0.74), (38, 30, 28))
    return ImageChops.multiply(faded, Image.fromarray(dim.astype(np.uint8)).convert("RGB"))


def filter_cool(image: Picture) -> Picture:
    """Strong contrast, bluish shadows."""
    a = np.asarray(ImageEnhance.Color(image).enhance(1.4), np.float64) / 255
    curve = (a + 0.7 * a * (1 - a) * (2 * a - 1)).clip(0, 1) * 255
    return _recolour(Image.fromarray(curve.astype(np.uint8)), (0.94, 1.0, 1.08), (0, 4, 10))


def brighten_midtones(image: Picture) -> Picture:
    """Gamma .6."""
    return image.point([round(255 * (i / 255) ** 0.6) for i in range(256)] * 3)


def turn(image: Picture, degrees: float, rng: np.random.Generator, *, cut: bool = True) -> Picture:
    """Turn by `degrees` either way; `cut` to the inner square, else white corners."""
    signed = degrees * int(rng.choice([-1, 1]))
    out = image.rotate(signed, Image.Resampling.BICUBIC, fillcolor=WHITE)
    angle = math.radians(degrees)
    return crop(out, 1 - 1 / (math.cos(angle) + math.sin(angle))) if cut else out


def add_noise(image: Picture, rng: np.random.Generator) -> Picture:
    """Grain of 14 grey levels."""
    grain = rng.normal(0, 14, (image.height, image.width, 1))
    return Image.fromarray((np.asarray(image, np.float64) + grain).clip(0, 255).astype(np.uint8))


def replace_ground(image: Picture, rng: np.random.Generator) -> Picture:
    """Put a head-and-shoulders shape on a two-colour gradient."""
    size = image.width
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((size * 0.27, size * 0.08, size * 0.73, size * 0.72), fill=255)
    draw.ellipse((size * 0.08, size * 0.62, size * 0.92, size * 1.5), fill=255)
    ramp = np.linspace(0, 1, size)[:, None, None]
    ground = np.array(_colour(rng, 0)) * (1 - ramp) + np.array(_colour(rng, 0)) * ramp
    back = Image.fromarray(np.broadcast_to(ground, (size, size, 3)).astype(np.uint8))
    return Image.composite(image, back, mask.filter(ImageFilter.GaussianBlur(size / 128)))


def pad_to_square(image: Picture, *, blurred: bool = False) -> Picture:
    """Make it narrower and pad it to a square again, in white or with its own blur."""
    size = image.width
    inner = int(size * 0.75)
    if blurred:
        out = image.filter(ImageFilter.GaussianBlur(size / 20))
        out.paste(image.resize((inner, inner), LANCZOS), ((size - inner) // 2,) * 2)
        return out
    out = Image.new("RGB", image.size, WHITE)
    left = (size - inner) // 2
    out.paste(image.crop((left, 0, left + inner, size)), (left, 0))
    return out


def squeeze(image: Picture) -> Picture:
    """Cut to 80 % of the width and stretch that to a square."""
    size = image.width
    return image.crop((size // 10, 0, size - size // 10, size)).resize((size, size), LANCZOS)


def join_halves(image: Picture, other: Picture, rng: np.random.Generator) -> Picture:
    """Set the middle half beside the middle half of another picture."""
    size = image.width
    box = (size // 4, 0, size // 4 + size // 2, size)
    halves = [image.crop(box), other.resize(image.size).crop(box)]
    out = Image.new("RGB", image.size)
    for place, i in enumerate(rng.permutation(2)):
        out.paste(halves[i], (place * (size // 2), 0))
    return out


def draw_page(image: Picture, rng: np.random.Generator) -> Picture:
    """A phone's screenshot of the profile page, 720 x 1280, avatar 220 pixels wide."""
    out = Image.new("RGB", (720, 1280), WHITE)
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, 0, 720, 320), fill=_colour(rng))
    avatar = image.resize((220, 220), LANCZOS)
    out.paste(avatar, (40, 210), _disc(220))
    draw.text((40, 450), "Jane Doe", font=_font(44), fill="black")
    draw.text((40, 505), "@janedoe", font=_font(30), fill=(110, 110, 110))
    for i in range(14):
        draw.text((40, 580 + 48 * i), "lorem ipsum dolor sit amet consectetur", font=_font(28), fill=(30, 30, 30))
    return out


def cut_page(image: Picture, rng: np.random.Generator) -> Picture:
    """The same cut by hand to a square around the avatar, which fills 60 to 75 % of it."""
    side = 220 / float(rng.uniform(0.6, 0.75))
    x = 40 + 110 - side * float(rng.uniform(0.45, 0.5))
    y = 210 + 110 - side * float(rng.uniform(0.45, 0.55))
    left, top = max(0, round(x)), max(0, round(y))
    return draw_page(image, rng).crop((left, top, left + round(side), top + round(side)))


def shrink(image: Picture, size: int) -> Picture:
    """Make it `size` x `size` pixels."""
    return image.resize((size, size), LANCZOS)
