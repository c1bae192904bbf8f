import { signal } from '@preact/signals';

/** A place in the console: everything after the `#`, which no server or its log ever sees. */
export interface Place {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter((it) => it !== '');
  return { path: parts.map(decodePart), query: new URLSearchParams(query) };
}

/** People edit addresses by hand. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const place = signal<Place>(parsePlace(location.hash));

/** What is asked before the place is left, be it by a link, a key or the browser's own buttons. */
export const questions = new Set<() => string>();

addEventListener('hashchange', ({ oldURL }) => {
  if ([...questions].every((it) => confirm(it()))) place.value = parsePlace(location.hash);
  else history.replaceState(null, '', oldURL);
});

export type Query = Readonly<Record<string, string | undefined>>;

/** The address of a place; conditions that are empty are left out. */
export function href(path: readonly (string | number)[], query: Query = {}): string {
  const kept = Object.entries(query).filter((it): it is [string, string] => !!it[1]);
  const text = new URLSearchParams(kept).toString();
  return `#/${path.map((it) => encodeURIComponent(it)).join('/')}${text === '' ? '' : `?${text}`}`;
}

export function goTo(to: string): void {
  location.hash = to;
}
