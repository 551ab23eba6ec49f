"""Reads one pack folder into a Pack, with every mistake noted."""

from __future__ import annotations

import csv
import importlib.util
import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from msgspec.structs import replace

from hutong.kernel.base import Label
from hutong.kernel.definition.desk import ChannelsFile
from hutong.kernel.definition.indicator import IndicatorsFile
from hutong.kernel.definition.pack import (
    DatasetsFile,
    ModelsFile,
    Pack,
    PackHead,
    ServicesFile,
)
from hutong.kernel.definition.plan import PlansFile
from hutong.kernel.definition.procedure import CasesFile, CategoryDefinition
from hutong.kernel.definition.register import RegistersFile
from hutong.kernel.definition.rule import RulesFile
from hutong.kernel.definition.scenario import Scenario
from hutong.kernel.definition.thing import ObservationsFile, ParametersFile, Strict, ThingsFile, ViewsFile
from hutong.kernel.definition.triage import Seed
from hutong.loader.digest import digests_of
from hutong.loader.problem import Problem
from hutong.loader.qualify import Qualifier
from hutong.loader.seeds import FILE as SEEDS
from hutong.loader.seeds import read_seeds
from hutong.loader.yaml_source import YamlSource

S = TypeVar("S", bound=Strict)

FORMATS: dict[str, type[Strict]] = {
    "pack.yaml": PackHead,
    "things.yaml": ThingsFile,
    "observations.yaml": ObservationsFile,
    "parameters.yaml": ParametersFile,
    "rules.yaml": RulesFile,
    "cases.yaml": CasesFile,
    "services.yaml": ServicesFile,
    "datasets.yaml": DatasetsFile,
    "channels.yaml": ChannelsFile,
    "indicators.yaml": IndicatorsFile,
    "models.yaml": ModelsFile,
    "plans.yaml": PlansFile,
    "registers.yaml": RegistersFile,
    "views.yaml": ViewsFile,
}
"""The files of a pack and what they hold; the published schemas are made from the same types."""


CATEGORY_COLUMNS = ("kind", "major_name", "class_code", "name")


class PackSource:
    """A pack folder as read: the Pack (None if its head is broken), the YAML sources, problems, functions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.sources: dict[str, YamlSource] = {}
        self.functions: dict[str, Callable[..., Any]] = {}
        self.scenarios: dict[str, Scenario] = {}
        self.pack: Pack | None = None
        self._read()

    def shown(self, name: str) -> str:
        return f"{self.folder.name}/{name}"

    def _file(self, name: str, kind: type[S]) -> S | None:
        path = self.folder / name
        if not path.is_file():
            return None
        source = self.sources[name] = YamlSource(path, self.shown(name))
        value = source.decode(kind)
        self.problems.extend(source.problems)
        return value

    def _read(self) -> None:
        if not (self.folder / "pack.yaml").is_file():
            self.problems.append(
                Problem(
                    self.shown("pack.yaml"), 0, "(file)", "is missing", "a pack is a folder with a pack.yaml"
                )
            )
            return
        head = self._file("pack.yaml", PackHead)
        if head is not None:
            self.pack = self._whole(head)

    def _whole(self, head: PackHead) -> Pack:
        q = Qualifier(head.name)
        pack = self._acting(self._basic(head, q), q)
        self.functions = self._functions(head.name)
        pack = replace(pack, seeds=self._seeds(), scenarios=self._scenarios(), words=self._words())
        return digests_of(pack, self.functions)

    def _basic(self, head: PackHead, q: Qualifier) -> Pack:
        """What there is, what is observed of it, what is judged and how it is shown."""
        things = self._file("things.yaml", ThingsFile) or ThingsFile()
        views = self._file("views.yaml", ViewsFile) or ViewsFile()
        observations = self._file("observations.yaml", ObservationsFile)
        parameters = self._file("parameters.yaml", ParametersFile)
        rules = self._file("rules.yaml", RulesFile)
        models = self._file("models.yaml", ModelsFile)
        datasets = self._file("datasets.yaml", DatasetsFile)
        self._file("services.yaml", ServicesFile)
        return Pack(
            head=head,
            folder=str(self.folder),
            types=tuple(q.type(item) for item in things.types),
            code_tables=tuple(q.named(item) for item in things.code_tables),
            properties=tuple(q.property(item) for item in observations.properties) if observations else (),
            parameters=tuple(q.named(item) for item in parameters.parameters) if parameters else (),
            rules=tuple(q.rule(item) for item in rules.rules) if rules else (),
            layers=tuple(q.layer(item) for item in views.layers),
            cards=tuple(q.card(item) for item in views.cards),
            shortcuts=views.shortcuts,
            models=tuple(q.named(item) for item in models.models) if models else (),
            datasets=tuple(q.named(item) for item in datasets.datasets) if datasets else (),
        )

    def _acting(self, pack: Pack, q: Qualifier) -> Pack:
        """What is done about it, by which channels and plans, and how that is measured."""
        cases = self._file("cases.yaml", CasesFile) or CasesFile()
        indicators = self._file("indicators.yaml", IndicatorsFile) or IndicatorsFile()
        channels = self._file("channels.yaml", ChannelsFile) or ChannelsFile()
        plans = self._file("plans.yaml", PlansFile) or PlansFile()
        registers = self._file("registers.yaml", RegistersFile) or RegistersFile(fields=(), registers=())
        return replace(
            pack,
            procedures=tuple(q.procedure(item) for item in cases.procedures),
            roles=cases.roles,
            categories=self._categories(pack.head.name, cases),
            counts=tuple(q.count(item) for item in indicators.counts),
            indicators=tuple(q.indicator(item) for item in indicators.indicators),
            day_starts=q.name(indicators.day_starts) if indicators.day_starts else "",
            plans=tuple(q.plan(item) for item in plans.plans),
            modes=tuple(q.mode(item) for item in plans.modes),
            channels=channels.channels,
            register_fields=registers.fields,
            registers=tuple(q.register(item) for item in registers.registers),
        )

    def _categories(self, pack: str, cases: CasesFile) -> tuple[CategoryDefinition, ...]:
        own = f"{pack}.{cases.procedures[0].name}" if cases.procedures else None
        found = [self._default_procedure(item, own) for item in cases.categories]
        for index, name in enumerate(cases.categories_from):
            path = self.folder / name
            if not path.is_file():
                source = self.sources["cases.yaml"]
                self.problems.append(
                    source.problem(
                        ("categories_from", index), f"there is no file {name}", "name a CSV of this folder"
                    )
                )
                continue
            found.extend(self._category_rows(name, own))
        return tuple(found)

    @staticmethod
    def _default_procedure(item: CategoryDefinition, own: str | None) -> CategoryDefinition:
        if item.procedure is not None or own is None:
            return item
        return CategoryDefinition(
            kind=item.kind,
            code=item.code,
            label=item.label,
            major=item.major,
            middle=item.middle,
            urgent=item.urgent,
            procedure=own,
        )

    def _category_rows(self, name: str, procedure: str | None) -> list[CategoryDefinition]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in CATEGORY_COLUMNS if column not in (reader.fieldnames or ())]
            rows = [] if missing else list(reader)
        if missing:
            reason = f"the column {missing[0]} is missing"
            remedy = f"head the file with {','.join(CATEGORY_COLUMNS)}"
            self.problems.append(Problem(self.shown(name), 1, missing[0], reason, remedy))
        return [
            CategoryDefinition(
                kind=row["kind"],
                code=row["class_code"],
                label=Label(row["name"], row.get("name_en") or ""),
                major=Label(row["major_name"], row.get("major_name_en") or ""),
                middle=Label(row.get("middle_name") or "", row.get("middle_name_en") or ""),
                procedure=procedure,
            )
            for row in rows
        ]

    def _seeds(self) -> tuple[Seed, ...]:
        seeds, problems = read_seeds(self.folder, self.shown(SEEDS))
        self.problems.extend(problems)
        return seeds

    def _scenarios(self) -> tuple[Scenario, ...]:
        for path in sorted((self.folder / "scenarios").glob("*.yaml")):
            name = f"scenarios/{path.name}"
            scenario = self._file(name, Scenario)
            if scenario is not None:
                self.scenarios[name] = scenario
        return tuple(self.scenarios.values())

    def _words(self) -> dict[str, dict[str, str]]:
        words: dict[str, dict[str, str]] = {}
        for path in sorted((self.folder / "words").glob("*.yaml")):
            source = self.sources[f"words/{path.name}"] = YamlSource(path, self.shown(f"words/{path.name}"))
            words[path.stem] = source.decode(dict[str, str]) or {}
            self.problems.extend(source.problems)
        return words

    def module(self, name: str) -> ModuleType | None:
        """A Python file of the pack, loaded; None where there is none or it does not load, with the mistake noted."""
        path = self.folder / f"{name}.py"
        try:
            return load_module(path, f"hutong_pack_{self.folder.name}_{name}")
        except Exception as error:  # whatever a pack's code may raise is the pack's mistake
            reason = f"does not load: {type(error).__name__}: {error}"
            self.problems.append(
                Problem(self.shown(path.name), _line_in(error, path), "(file)", reason, "mend the code")
            )
            return None

    def _functions(self, pack: str) -> dict[str, Callable[..., Any]]:
        module = self.module("formulas")
        if module is None:
            return {}
        return {
            f"{pack}.{name}": function
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")
        }


def _line_in(error: Exception, path: Path) -> int:
    """The line of the file in which the error arose."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return lines[-1] or 1 if lines else 1


def load_module(path: Path, name: str) -> ModuleType | None:
    """The Python file of a pack as a module of its own name; None where there is none."""
    if not path.is_file():
        return None
    installed = _installed_name(path)
    if installed:
        return importlib.import_module(installed)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _installed_name(path: Path) -> str | None:
    """Packs shipped with Hutong are modules of it, so that their workers can import them by name."""
    home = Path(__file__).resolve().parents[1] / "packs"
    try:
        relative = path.resolve().relative_to(home)
    except ValueError:
        return None
    return ".".join(["hutong", "packs", *relative.with_suffix("").parts])
