/** Where the states of a procedure stand and how its lines run: cards in three columns, one lane per target in the gutters. */
import type { ProcedureAction, ProcedurePage, ProcedureState } from "@/api/procedures";

export const CARD = 232;
export const ROW = 22;
export const HEAD = 34;
const GAP = 28;
const LANE = 9;
const MARGIN = 8;

export interface Row { action: ProcedureAction; y: number }
export interface Card { state: ProcedureState; column: 0 | 1 | 2; x: number; y: number; height: number; rows: Row[] }
export interface Line { action: string; from: string; to: string; path: string }
export interface Drawing { width: number; height: number; cards: Card[]; lines: Line[] }

/** Which gutter a line runs in: 0 between the first two columns, 1 between the last two. */
type Gutter = 0 | 1;
interface Way { action: string; from: Card; to: Card; y: number; gutter: Gutter; crosses: boolean }

/** Ends that are reached from the main line stand at the left, the main line in the middle, side states at the right. */
function columnOf(state: ProcedureState, page: ProcedurePage): 0 | 1 | 2 {
  if (state.kind === "side") return 2;
  if (state.kind === "open") return 1;
  const kinds = new Map(page.state_list.map((one) => [one.name, one.kind]));
  const from = page.action_list.flatMap((action) => action.of.filter((name) => name !== state.name && action.to[name]?.includes(state.name)));
  return from.length > 0 && from.every((name) => kinds.get(name) === "side") ? 2 : 0;
}

function place(page: ProcedurePage): Card[] {
  const cards: Card[] = page.state_list.map((state) => {
    const rows = page.action_list.filter((action) => action.of.includes(state.name)).map((action, index) => ({ action, y: HEAD + index * ROW }));
    return { state, column: columnOf(state, page), x: 0, y: 0, height: HEAD + rows.length * ROW + (rows.length ? 6 : 0), rows };
  });
  let y = MARGIN;
  for (const card of cards.filter((one) => one.column === 1)) {
    card.y = y;
    y += card.height + GAP;
  }
  for (const column of [0, 2] as const) {
    // Beside the first card that leads to it, below what stands there already.
    let free = MARGIN;
    const beside = cards.filter((one) => one.column === column).map((card) => ({ card, wish: wishOf(card, cards) })).sort((a, b) => a.wish - b.wish);
    for (const { card, wish } of beside) {
      card.y = Math.max(free, wish);
      free = card.y + card.height + GAP;
    }
  }
  return cards;
}

/** The height of the main line that leads to a card; of one that only others of its column lead to, just after these. */
function wishOf(card: Card, cards: Card[], seen = new Set<Card>()): number {
  seen.add(card);
  const from = cards.filter((one) => !seen.has(one) && one.rows.some((row) => row.action.to[one.state.name]?.includes(card.state.name)));
  const main = from.filter((one) => one.column === 1);
  const chosen = card.column === 0 ? main[main.length - 1] : main[0];
  if (chosen) return chosen.y;
  return from.length ? Math.min(...from.map((one) => wishOf(one, cards, seen))) + 1 : MARGIN;
}

function ways(cards: Card[]): Way[] {
  const named = new Map(cards.map((card) => [card.state.name, card]));
  const found: Way[] = [];
  for (const from of cards) {
    for (const row of from.rows) {
      for (const name of row.action.to[from.state.name] ?? []) {
        const to = named.get(name);
        if (!to || to === from) continue;
        const forward = to.y > from.y;
        const gutter: Gutter = from.column === 2 ? 1 : from.column === 0 ? 0 : to.column === 2 ? 1 : to.column === 0 || forward ? 0 : 1;
        found.push({ action: row.action.name, from, to, y: from.y + row.y + ROW / 2, gutter, crosses: Math.abs(from.column - to.column) === 2 });
      }
    }
  }
  return found;
}

/** One lane for each target of a gutter; lanes whose lines do not meet share a place. */
function lanes(gutter: Gutter, every: Way[]): Map<string, number> {
  const spans = new Map<string, [number, number]>();
  for (const way of every.filter((one) => one.gutter === gutter || one.crosses)) {
    const goal = way.to.y + HEAD / 2;
    const [top, bottom] = spans.get(way.to.state.name) ?? [goal, goal];
    spans.set(way.to.state.name, [Math.min(top, way.y, goal), Math.max(bottom, way.y, goal)]);
  }
  const taken: number[] = [];
  const found = new Map<string, number>();
  for (const [name, [top, bottom]] of [...spans].sort((a, b) => a[1][0] - b[1][0])) {
    const free = taken.findIndex((until) => until < top - 4);
    const lane = free < 0 ? taken.length : free;
    taken[lane] = bottom;
    found.set(name, lane);
  }
  return found;
}

/** The whole drawing in units of pixels. */
export function draw(page: ProcedurePage): Drawing {
  const cards = place(page);
  const every = ways(cards);
  const gutters = [lanes(0, every), lanes(1, every)] as const;
  const widths = gutters.map((one) => (Math.max(0, ...[...one.values()].map((lane) => lane + 1)) + 2) * LANE + 12);
  const left = cards.some((card) => card.column === 0) ? MARGIN + CARD : MARGIN;
  const middle = left + (widths[0] ?? 0);
  const right = middle + CARD + (widths[1] ?? 0);
  for (const card of cards) card.x = card.column === 0 ? MARGIN : card.column === 1 ? middle : right;
  const laneAt = (gutter: Gutter, name: string) => (gutter === 0 ? left : middle + CARD) + 12 + (gutters[gutter].get(name) ?? 0) * LANE;
  return {
    width: right + (cards.some((card) => card.column === 2) ? CARD + MARGIN : 0),
    height: Math.max(...cards.map((card) => card.y + card.height)) + MARGIN,
    cards,
    lines: every.map((way) => ({ action: way.action, from: way.from.state.name, to: way.to.state.name, path: pathOf(way, laneAt) })),
  };
}

function pathOf(way: Way, laneAt: (gutter: Gutter, name: string) => number): string {
  const goal = way.to.y + HEAD / 2;
  const lane = laneAt(way.gutter, way.to.state.name);
  const out = way.gutter === 0 ? (way.from.column === 0 ? way.from.x + CARD : way.from.x) : way.from.column === 2 ? way.from.x : way.from.x + CARD;
  if (way.crosses) {
    // Across the middle, just above the target's height.
    const other: Gutter = way.gutter === 1 ? 0 : 1;
    const far = laneAt(other, way.to.state.name);
    const end = other === 0 ? way.to.x + CARD : way.to.x;
    return `M${out} ${way.y}H${lane}V${way.to.y - GAP / 2}H${far}V${goal}H${end}`;
  }
  const end = way.gutter === 0 ? (way.to.column === 0 ? way.to.x + CARD : way.to.x) : way.to.column === 2 ? way.to.x : way.to.x + CARD;
  return `M${out} ${way.y}H${lane}V${goal}H${end}`;
}
