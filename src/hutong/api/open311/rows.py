"""Services, their definitions and service requests as GeoReport v2 has them: no title and no words of a case, no person."""

from __future__ import annotations

from hutong.api.house import House
from hutong.api.open311.formats import Plain
from hutong.api.public.matters import Matter, category_named, service_of
from hutong.api.public.taking import called
from hutong.api.shapes import point
from hutong.engine.reporting import notes
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.clock import moment
from hutong.kernel.definition.procedure import Ask

DATATYPES = {
    "text": "text",
    "number": "number",
    "choice": "singlevaluelist",
    "date": "datetime",
    "flag": "singlevaluelist",
}
FLAG = (("true", Label("是", "yes")), ("false", Label("否", "no")))
NOTICE = Label(
    "已收到。工作人员核实后办理，可凭编号查询。",
    "Received. It is verified on site, then handled; follow it by its number.",
)


def asks_of(house: House, service: str) -> tuple[Ask, ...]:
    """What the procedure of a service asks of those who report."""
    category = category_named(house, service, "service_code")
    procedure = house.rulebook.procedure_for(category).procedure
    return tuple(one for one in procedure.asks if one.kind in DATATYPES)


def service(house: House, matter: Matter, language: str) -> Plain:
    keywords = (matter.group.zh, matter.group.en, matter.label.zh, matter.label.en)
    return {
        "service_code": matter.service,
        "service_name": matter.label.text(language),
        "description": matter.label.text("en" if language == "zh" else "zh"),
        "metadata": bool(asks_of(house, matter.service)),
        "type": "realtime",
        "keywords": ",".join(part for part in keywords if part),
        "group": matter.group.text(language),
    }


def definition(house: House, code: str, language: str) -> Plain:
    return {
        "service_code": code,
        "attributes": [_attribute(ask, place, language) for place, ask in enumerate(asks_of(house, code), 1)],
    }


def _attribute(ask: Ask, place: int, language: str) -> Plain:
    choices = FLAG if ask.kind == "flag" else tuple(ask.choices.items())
    found: Plain = {
        "variable": True,
        "code": ask.name,
        "datatype": DATATYPES[ask.kind],
        "required": ask.required,
        "datatype_description": "",
        "order": place,
        "description": ask.label.text(language),
    }
    if choices:
        found["values"] = [{"key": key, "name": label.text(language)} for key, label in choices]
    return found


def service_request(house: House, case: Case, language: str) -> Plain:
    """A case. The description is its matter and place, since the words of a citizen may be about people."""
    compiled = house.rulebook.procedure(case)
    label = house.rulebook.category_names.get(case.category, Label(case.category.code)).text(language)
    place = house.directory.place_name(called(house, case.place)).text(language)
    at = point(case.position)
    due = max((one.due for one in case.clocks if one.mark == "running" and one.due), default=None)
    unit = house.directory.organisations.get(case.organisation or 0)
    return {
        "service_request_id": case.number,
        "status": "open" if case.closed is None else "closed",
        "status_notes": notes(case, compiled).text(language),
        "service_name": label,
        "service_code": service_of(case.category),
        "description": f"{place} {label}".strip(),
        "agency_responsible": unit.label.text(language) if unit and unit.label else None,
        "service_notice": None,
        "requested_datetime": _time(house, case.opened),
        "updated_datetime": _time(house, _changed(case)),
        "expected_datetime": _time(house, due) if due is not None else None,
        "address": place or None,
        "address_id": None,
        "zipcode": None,
        "lat": at[1] if at else None,
        "long": at[0] if at else None,
        "media_url": None,
    }


def _changed(case: Case) -> Instant:
    return max(case.opened, case.closed or 0, *(deed.at for deed in case.deeds[-1:]))


def _time(house: House, at: Instant) -> str:
    """W3C date and time in the city's zone, to the second."""
    return moment(at, house.rulebook.zone).isoformat(timespec="seconds")
