/** Clocks in words: 「还剩 3 工作时」 beats a date. */
import type { ClockTone, Left } from "@/api/model";
import { screen } from "@/state/screen";
import { number } from "./say";

const UNITS: Record<string, [string, string, string]> = {
  urgent_hour: ["紧急工作时", "hour (24 h)", "hours (24 h)"],
  work_hour: ["工作时", "working hour", "working hours"],
  work_day: ["工作日", "working day", "working days"],
  calendar_day: ["自然日", "day", "days"],
};

function span(left: Left): string {
  const size = Math.abs(left.amount);
  const minutes = Math.round(size * 60);
  const hourly = left.unit === "urgent_hour" || left.unit === "work_hour";
  if (hourly && minutes < 60) {
    if (screen.language === "zh") return `${minutes} ${left.unit === "work_hour" ? "工作" : ""}分钟`;
    return `${minutes} ${left.unit === "work_hour" ? "working " : ""}min`;
  }
  const words = UNITS[left.unit] ?? [left.unit, left.unit, left.unit];
  const text = number(size, 1);
  if (screen.language === "zh") return `${text} ${words[0]}`;
  return `${text} ${text === "1" ? words[1] : words[2]}`;
}

export interface Told {
  left: Left | null;
  overdue: boolean;
  tone: ClockTone;
}

export function clockWords(clock: Told): string {
  const zh = screen.language === "zh";
  if (clock.tone === "stopped") return clock.overdue ? (zh ? "已停，曾超时" : "stopped, was overdue") : zh ? "已停" : "stopped";
  if (clock.tone === "paused") return zh ? "已暂停" : "paused";
  if (!clock.left) return clock.overdue ? (zh ? "已超时" : "overdue") : "";
  if (clock.overdue || clock.left.amount < 0) return zh ? `超时 ${span(clock.left)}` : `overdue by ${span(clock.left)}`;
  return zh ? `还剩 ${span(clock.left)}` : `${span(clock.left)} left`;
}

export function limitWords(value: number, unit: string): string {
  return span({ amount: value, unit });
}
