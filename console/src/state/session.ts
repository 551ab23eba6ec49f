/** Who is signed in. */
import { reactive } from "vue";
import { session as api } from "@/api/calls";
import { onSignedOut, Problem, setCsrf } from "@/api/http";
import type { Account, Session } from "@/api/model";
import { screen, type Language } from "./screen";

export const session = reactive<{ account: Account | null; asked: boolean }>({ account: null, asked: false });

function take(answer: Session): void {
  session.account = answer.account;
  setCsrf(answer.csrf);
}

/** Asks once whether a session is there already. */
export async function askSession(): Promise<void> {
  if (session.asked) return;
  try {
    take(await api.get());
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
  session.asked = true;
}

/** Whether the session still holds; the stream cannot tell a refused connection from a lost one. */
export async function recheckSession(): Promise<void> {
  try {
    take(await api.get());
  } catch (error) {
    if (error instanceof Problem && error.status === 401) session.account = null;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  take(await api.open(login, password));
  session.asked = true;
}

type Leaving = () => Promise<boolean>;
const leaving = new Set<Leaving>();

/** Asked before somebody signs out; one that answers false keeps the session (unsent work, and the person wants to stay). */
export function onSigningOut(ask: Leaving): void {
  leaving.add(ask);
}

export async function signOut(): Promise<void> {
  for (const ask of leaving) if (!(await ask())) return;
  await api.close();
  session.account = null;
}

export function setLanguage(language: Language): void {
  screen.language = language;
  // The choice on this screen holds even when the server could not keep it.
  if (session.account) api.language(language).catch(() => undefined);
}

/** Whether a permission is held; the server decides for itself in any case. */
export function may(verb: string, noun: string): boolean {
  return session.account?.may.some((held) => held === `${verb} ${noun}` || held === `${verb} *`) ?? false;
}

onSignedOut(() => {
  session.account = null;
});
