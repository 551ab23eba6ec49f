/**
 * Server-sent events with resume: EventSource keeps the last id itself while it reconnects; where the browser gives up
 * (an error answer), this opens it again after the last position seen, waiting longer each time.
 */
import type { CityClock, RecordEvent } from "./model";

export interface ObservationNews {
  source: string;
  count: number;
  last_time: string;
}
export interface StreamHandlers {
  record: (event: RecordEvent) => void;
  clock: (clock: CityClock) => void;
  observations: (news: ObservationNews) => void;
  state: (state: "open" | "waiting") => void;
  /** The server answered with an error, or not at all; it is tried again later. */
  refused: () => void;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

export function openStream(after: number | null, handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let last = after;
  let wait = FIRST_WAIT;
  let timer = 0;
  let stopped = false;

  function connect(): void {
    const query = last === null ? "" : `?after=${last}`;
    source = new EventSource(`/api/v1/events${query}`);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      handlers.state("open");
    });
    source.addEventListener("record", (event) => {
      const record = JSON.parse((event as MessageEvent<string>).data) as RecordEvent;
      if (last !== null && record.position <= last) return;
      last = record.position;
      handlers.record(record);
    });
    source.addEventListener("clock", (event) => {
      handlers.clock(JSON.parse((event as MessageEvent<string>).data) as CityClock);
    });
    source.addEventListener("observations", (event) => {
      handlers.observations(JSON.parse((event as MessageEvent<string>).data) as ObservationNews);
    });
    source.addEventListener("error", retry);
  }

  function retry(): void {
    if (stopped) return;
    handlers.state("waiting");
    if (source?.readyState !== EventSource.CLOSED) return;
    source.close();
    handlers.refused();
    clearTimeout(timer);
    timer = window.setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  };
}
