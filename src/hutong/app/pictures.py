"""Pictures that simulated posts take: a drawn street with its water, plainly marked as simulated."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hutong.kernel.seeded import rng

SIZE = (960, 640)
HORIZON = 250
SKY, ROAD, KERB, LINE, WATER, FOAM = "#aab4bf", "#6d7278", "#9aa0a6", "#e6e3d8", "#5b7c8d", "#7f9cab"


def street(seed: int, place: str, *, near: bool, depth: float, caption: str) -> bytes:
    """A JPEG of one place, always from the same angle: `depth` metres of water stand on the road.

    The same (seed, place, near) gives the same houses and kerbs, so before and after can be compared.
    """
    picture = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(picture)
    chance = rng(seed, "picture", place)
    horizon = HORIZON if near else HORIZON + 70
    _houses(draw, chance, horizon)
    _road(draw, horizon)
    _pole(draw, chance, horizon)
    if depth > 0.01:
        _water(draw, chance, horizon, depth)
    _caption(draw, caption)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _houses(draw: ImageDraw.ImageDraw, chance: np.random.Generator, horizon: int) -> None:
    left = 0
    while left < SIZE[0]:
        width, height = int(chance.integers(90, 190)), int(chance.integers(90, 230))
        grey = int(chance.integers(150, 200))
        draw.rectangle((left, horizon - height, left + width - 6, horizon), fill=(grey, grey - 6, grey - 14))
        for floor in range(horizon - height + 18, horizon - 20, 34):
            for window in range(left + 14, left + width - 24, 30):
                draw.rectangle(
                    (window, floor, window + 14, floor + 18), fill=(grey - 45, grey - 40, grey - 32)
                )
        left += width


def _road(draw: ImageDraw.ImageDraw, horizon: int) -> None:
    width, height = SIZE
    draw.rectangle((0, horizon, width, height), fill=KERB)
    draw.polygon(
        [(width * 0.42, horizon), (width * 0.58, horizon), (width * 1.05, height), (-width * 0.05, height)],
        ROAD,
    )
    for step in range(6):
        top = horizon + (height - horizon) * (step / 6) ** 1.6
        bottom = horizon + (height - horizon) * ((step + 0.5) / 6) ** 1.6
        half = 2 + 8 * (step / 6)
        draw.polygon(
            [(480 - half * 0.6, top), (480 + half * 0.6, top), (480 + half, bottom), (480 - half, bottom)],
            LINE,
        )


def _pole(draw: ImageDraw.ImageDraw, chance: np.random.Generator, horizon: int) -> None:
    """A depth gauge at the kerb: what both pictures are compared at."""
    left = int(chance.integers(640, 720))
    base = horizon + 240
    draw.rectangle((left, base - 200, left + 16, base), fill="#f4f2ea", outline="#55585c")
    for mark in range(0, 200, 20):
        draw.rectangle(
            (left, base - mark - 10, left + 16, base - mark), fill="#b5443a" if mark % 40 == 0 else "#f4f2ea"
        )


def _water(draw: ImageDraw.ImageDraw, chance: np.random.Generator, horizon: int, depth: float) -> None:
    reach = min(1.0, 0.35 + depth * 1.6)
    top = int(SIZE[1] - (SIZE[1] - horizon - 30) * reach)
    draw.polygon(
        [(0, SIZE[1]), (0, top + 40), (240, top), (720, top + 6), (960, top + 44), (960, SIZE[1])], WATER
    )
    for _ in range(26):
        x, y = int(chance.integers(20, 900)), int(chance.integers(top + 30, SIZE[1] - 10))
        draw.line((x, y, x + int(chance.integers(20, 70)), y), fill=FOAM, width=2)


def _caption(draw: ImageDraw.ImageDraw, caption: str) -> None:
    font = ImageFont.load_default(22)
    draw.rectangle((0, SIZE[1] - 40, SIZE[0], SIZE[1]), fill="#20262c")
    draw.text((14, SIZE[1] - 34), f"SIMULATED  {caption}", fill="#f4f4f2", font=font)
