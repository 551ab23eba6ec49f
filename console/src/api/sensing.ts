/** Devices, gateways and rules of the native API. */
import { request, type Options } from "./http";
import type { Device, DevicePage, DeviceProfile, Gateways, Label, Page, PlaceFigures, Rule, RuleFigures, WarningRow } from "./model";

type Query = Options["query"];
export interface Admission {
  thing: number;
  profile: string;
  secret?: string;
  name?: Label;
  note?: string;
}

export const devices = {
  list: (query: Query, signal?: AbortSignal) => request<DevicePage>("/devices", { query, signal }),
  get: (id: number, signal?: AbortSignal) => request<Device>(`/devices/${id}`, { signal }),
  profiles: (protocol: string) => request<{ rows: DeviceProfile[] }>("/device-profiles", { query: { protocol } }),
  gateways: () => request<Gateways>("/gateways"),
  enrol: (body: Admission & { protocol: string; address: string }, key: string) => request<Device>("/devices", { method: "POST", json: body, key }),
  admit: (row: { id: number; version: number }, body: Admission, key: string) =>
    request<Device>(`/devices/${row.id}/admission`, { method: "POST", json: body, key, version: row.version }),
  block: (row: { id: number; version: number }, note: string, key: string) =>
    request<Device>(`/devices/${row.id}/block`, { method: "POST", json: { note }, key, version: row.version }),
  remove: (row: { id: number; version: number }, key: string) => request<void>(`/devices/${row.id}`, { method: "DELETE", key, version: row.version }),
};

export const rules = {
  list: (signal?: AbortSignal) => request<{ rows: Rule[] }>("/rules", { signal }),
  figures: (query: Query, signal?: AbortSignal) => request<RuleFigures>("/rules/figures", { query, signal }),
  warnings: (name: string, query: Query, signal?: AbortSignal) => request<Page<WarningRow>>(`/rules/${name}/warnings`, { query, signal }),
  places: (name: string, query: Query, signal?: AbortSignal) => request<PlaceFigures>(`/rules/${name}/places`, { query, signal }),
};
