/** The city and its definitions: what every page is built from. */
import { shallowReactive } from "vue";
import { city as api } from "@/api/calls";
import { screen } from "./screen";
import type { City, Label, ProcedureDefinition } from "@/api/model";

export const place = shallowReactive<{ city: City | null }>({ city: null });

export async function askCity(): Promise<City> {
  place.city ??= await api.get();
  return place.city;
}

export function theCity(): City {
  if (!place.city) throw new Error("the city is asked for before the first page is shown");
  return place.city;
}

export function procedureOf(name: string): ProcedureDefinition | null {
  return place.city?.procedures[name] ?? null;
}

export function stateLabel(procedure: string, state: string): Label {
  return procedureOf(procedure)?.states[state]?.label ?? { zh: state, en: state };
}

export function typeLabel(type: string): Label {
  return place.city?.types[type]?.label ?? { zh: type, en: type };
}

/** The label of a role, empty for what is no role. */
export function roleWords(name: string): string {
  const known = Object.entries(place.city?.roles ?? {}).find(([key]) => key === name || key.split(".").pop() === name)?.[1];
  return known ? known.label[screen.language] || known.label.zh : "";
}
