/** What the native API answers: the pieces that many answers are made of. Names are the API's own. */

export interface Label {
  zh: string;
  en: string;
}
export type Tone = "calm" | "notice" | "blue" | "yellow" | "orange" | "red";
export type Colour = "blue" | "yellow" | "orange" | "red";
export type Position = [number, number];
/** Where a row comes from: recorded (source, licence), derived (by which code) or simulated. */
export interface Provenance {
  kind: "recorded" | "derived" | "simulated";
  source?: string;
  licence?: string;
}

export interface Page<T> {
  rows: T[];
  after: string | null;
}

export interface PlaceRef {
  id: number;
  code: string;
  name: Label;
}
export interface OrganisationRef {
  id: number;
  label: Label;
  side?: string;
}
export interface Actor {
  account: number | null;
  name: Label;
  role: string;
  organisation: OrganisationRef | null;
  simulated: boolean;
}
