"""Invented households for a demo: drawn at random, named from a short list, at addresses that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

Progress = Callable[[float, str], None]

SURNAMES = "沈顾陆朱徐姚钱俞汪许吴郑何施吕张孔曹严华金魏陶姜戚谢邹喻柏水"
GIVEN = (
    *("建国", "秀英", "志明", "桂兰", "国强", "美华", "文杰", "丽娟", "晓东", "雅琴", "海峰", "玉珍", "立新"),
    *("春梅", "永康", "思远", "佳怡", "梓轩", "雨桐", "浩然", "欣怡", "子墨", "一诺", "宇航", "若曦", "俊杰"),
)
ELSEWHERE = ("安徽阜阳", "江苏盐城", "河南信阳", "江西上饶", "四川南充", "浙江温州")
SHOPS = ("便利店", "面馆", "裁缝铺", "修车铺", "文具店", "理发店")
WEEKS = 3.0
"""Weeks within which every household was seen."""


def households(inputs: dict[str, Any], workdir: Path, progress: Progress) -> dict[str, Any]:
    """`inputs`: {"seed", "today", "each", "places": [{"code", "name", "points"}]}. Returns {"households": […]}."""
    random = Random(f"{inputs['seed']} households")
    today = date.fromisoformat(inputs["today"])
    found = [
        _household(random, today, place, number)
        for place in inputs["places"]
        for number in range(int(inputs["each"]))
    ]
    progress(1.0, "done")
    return {"households": found}


def _household(random: Random, today: date, place: dict[str, Any], number: int) -> dict[str, Any]:
    building, door = number // 10 + 1, (number % 10 // 2 + 1) * 100 + number % 2 + 1
    lon, lat = place["points"][building % len(place["points"])]
    surname = random.choice(SURNAMES)
    use = random.choices(("own", "let", "empty", "business"), (0.62, 0.24, 0.08, 0.06))[0]
    values: dict[str, Any] = {
        "address": f"{place['name']}演示里{building}号{door}室",
        "dwelling_use": use,
        "structure": random.choice(("concrete", "mixed", "brick")),
        "floor_area": random.randrange(32, 118),
    }
    if use == "let":
        values |= _let(random)
    return {
        "code": f"{place['code']}-{building:02d}-{door}",
        "place": place["code"],
        "lon": lon,
        "lat": lat,
        "seen": random.uniform(0.5, WEEKS * 7),
        "values": values,
        "members": _members(random, today, use, surname),
    }


def _let(random: Random) -> dict[str, Any]:
    return {
        "owner_name": random.choice(SURNAMES) + random.choice(GIVEN),
        "owner_phone": _phone(random),
        "tenants": random.randrange(1, 5),
        "gas": random.choice(("pipe", "pipe", "bottle", "none")),
        "smoke_alarm": random.random() < 0.6,
        "partitions": random.random() < 0.08,
        "e_bike_indoors": random.random() < 0.1,
    }


def _members(random: Random, today: date, use: str, surname: str) -> list[dict[str, Any]]:
    if use == "empty":
        return []
    if use == "business":
        called = f"演示{surname}记{random.choice(SHOPS)}"
        premises = "catering" if called.endswith("面馆") else "shop"
        return [
            {
                "kind": "unit",
                "values": {"unit_name": called, "premises": premises, "staff": random.randrange(1, 9)},
            }
        ]
    if use == "let":
        return [_tenant(random, today, first=index == 0) for index in range(random.randrange(1, 4))]
    if random.random() < 0.16:
        return [_alone(random, today, surname)]
    head = _person(random, today, surname, "head", random.randrange(28, 78))
    people = [head]
    if random.random() < 0.7:
        people.append(_person(random, today, random.choice(SURNAMES), "spouse", random.randrange(27, 76)))
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        people.append(_child(random, today, surname, head))
    return people


def _person(random: Random, today: date, surname: str, relation: str, age: int) -> dict[str, Any]:
    born = today - timedelta(days=int((age + random.random()) * 365.25))
    values: dict[str, Any] = {
        "full_name": surname + random.choice(GIVEN),
        "born": born.isoformat(),
        "sex": random.choice(("male", "female")),
        "phone": _phone(random),
        "relation": relation,
        "residence": "registered",
        "lives_here": random.random() < 0.85,
    }
    if random.random() < 0.05:
        values |= {
            "disability": random.choice(("body", "hearing", "sight")),
            "disability_grade": random.randrange(1, 5),
        }
    return {"kind": "person", "values": values}


def _alone(random: Random, today: date, surname: str) -> dict[str, Any]:
    person = _person(random, today, surname, "head", random.randrange(66, 92))
    person["values"] |= {
        "lives_alone": True,
        "self_care": random.choice(("full", "full", "partly")),
        "emergency_contact": surname + random.choice(GIVEN),
        "emergency_phone": _phone(random),
    }
    return person


def _tenant(random: Random, today: date, *, first: bool) -> dict[str, Any]:
    person = _person(
        random, today, random.choice(SURNAMES), "head" if first else "tenant", random.randrange(20, 48)
    )
    arrived = today - timedelta(days=random.randrange(40, 1500))
    person["values"] |= {
        "residence": "floating",
        "registered_at": random.choice(ELSEWHERE),
        "arrived": arrived.isoformat(),
    }
    return person


def _child(random: Random, today: date, surname: str, head: dict[str, Any]) -> dict[str, Any]:
    child = _person(random, today, surname, "child", random.randrange(1, 17))
    child["values"] |= {"guardian": head["values"]["full_name"], "guardian_phone": head["values"]["phone"]}
    return child


def _phone(random: Random) -> str:
    """A number that no exchange gives out."""
    return f"021-0000{random.randrange(10_000):04d}"
