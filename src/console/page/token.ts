import { signal } from '@preact/signals';
import type { WhoAmIQuery } from './operations.ts';

const KEPT_AS = 'token';
const ANSWER_MS = 150;

/** The token of this tab. Of the browser's stores it is only in that of the tab, which ends with it. */
export const token = signal<string | undefined>(sessionStorage.getItem(KEPT_AS) ?? undefined);

/** Why the person was signed out, in the words of the service. */
export const signOutReason = signal<string | undefined>(undefined);

export type Caller = WhoAmIQuery['caller'];

/** Who the service says the person is; `undefined` at the gate, `null` until that is known. */
export const caller = signal<Caller | null | undefined>(null);

type Message = { readonly asks: true } | { readonly token: string } | { readonly signOut: true };

/** Tabs of this browser hand the token to each other. */
const tabs = new BroadcastChannel('intercom-flats');

tabs.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if ('signOut' in data) forget();
  else if ('token' in data) {
    if (token.value === undefined) keep(data.token);
  } else if (token.value !== undefined) tabs.postMessage({ token: token.value } satisfies Message);
});

function keep(value: string): void {
  sessionStorage.setItem(KEPT_AS, value);
  signOutReason.value = undefined;
  token.value = value;
}

function forget(): void {
  sessionStorage.removeItem(KEPT_AS);
  token.value = undefined;
  caller.value = undefined;
}

export function signedIn(value: string): void {
  keep(value);
  tabs.postMessage({ token: value } satisfies Message);
}

/** Of every tab, when the person leaves. */
export function signOut(): void {
  forget();
  tabs.postMessage({ signOut: true } satisfies Message);
}

/** When the service does not take the token, or wants one. */
export function signedOut(reason: string | undefined): void {
  forget();
  signOutReason.value = reason;
}

/** Asks the other tabs for their token, and waits a moment for the answer. */
export async function askOtherTabs(): Promise<void> {
  if (token.value !== undefined) return;
  tabs.postMessage({ asks: true } satisfies Message);
  await new Promise<void>((resolve) => {
    const stop = token.subscribe((value) => {
      if (value !== undefined) resolve();
    });
    setTimeout(() => {
      stop();
      resolve();
    }, ANSWER_MS);
  });
}
