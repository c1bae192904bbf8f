import { signal } from '@preact/signals';
import { AskError, ask } from './ask.ts';
import { texts } from './locale.ts';
import { WhoAmI } from './operations.ts';
import { askOtherTabs, caller, signedOut, signOut, signOutReason, token } from './token.ts';

const SIGN_OUT_MS = 8 * 3_600_000;

/** Why the service cannot be asked who the person is. */
export const startError = signal<AskError | undefined>(undefined);

/** Asks who the person is: with the token, or without one, as on a machine that has none yet. */
export async function findCaller(): Promise<void> {
  startError.value = undefined;
  try {
    caller.value = (await ask(WhoAmI, {})).caller;
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    if (error.kind === 'forbidden') signedOut(error.message);
    else if (error.kind !== 'signedOut') startError.value = error;
  }
}

/** The longest that a timer waits. */
const MAX_WAIT_MS = 24 * 3_600_000;

/** Asks again when the token has expired: the service then refuses it, and the person is back at the gate with its words. */
export function watchExpiry(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  caller.subscribe((who) => {
    clearTimeout(timer);
    if (!who?.expiresAt) return;
    // The clock of this machine may be ahead.
    const waitMs = Math.max(Date.parse(who.expiresAt) - Date.now(), 1_000);
    timer = setTimeout(findCaller, Math.min(waitMs, MAX_WAIT_MS));
  });
}

export const mayAdminister = (): boolean => caller.value?.scope === 'ADMIN';

export const mayWrite = (): boolean => caller.value?.scope === 'WRITE' || caller.value?.scope === 'ADMIN';

export async function startSession(): Promise<void> {
  await askOtherTabs();
  await findCaller();
  let known = token.value;
  token.subscribe((value) => {
    if (value === known) return;
    known = value;
    if (value !== undefined) void findCaller();
  });
}

/** Signs a tab out that nobody uses. */
export function lockWhenIdle(): void {
  let lastInput = Date.now();
  for (const it of ['pointerdown', 'keydown']) {
    addEventListener(it, () => {
      lastInput = Date.now();
    });
  }
  setInterval(() => {
    if (token.value === undefined || Date.now() - lastInput < SIGN_OUT_MS) return;
    signOut();
    signOutReason.value = texts.value.gate.locked;
  }, 60_000);
}
