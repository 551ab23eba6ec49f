/** Photos before and after, matched by role: the earliest report or verification against the latest handling or check. */
import type { Case, CaseFile } from "@/api/model";

export interface Pair {
  role: string;
  before: CaseFile | null;
  after: CaseFile | null;
}

const BEFORE = ["report", "verify"];

export function pairsOf(row: Case): Pair[] {
  const photos = row.files.filter((file) => file.media_type.startsWith("image/"));
  const roles = [...new Set(photos.map((file) => file.role))];
  return roles.map((role) => {
    const ofRole = photos.filter((file) => file.role === role);
    return {
      role,
      before: ofRole.find((file) => BEFORE.includes(file.stage)) ?? null,
      after: ofRole.filter((file) => !BEFORE.includes(file.stage)).at(-1) ?? null,
    };
  });
}
