import type { LogPosition } from '../../../domain/change.ts';
import { integerFromText, MAX_ID } from '../../../domain/input.ts';
import { formatPosition, parsePosition } from './log-position.ts';

/** An id that is unique across types, as what it names: a record of a type, and for a change or a set of them the position in the log. */
export type GlobalId =
  | { readonly type: 'Intercom' | 'IntercomFlat'; readonly record: number }
  | { readonly type: 'Change' | 'ChangeSet'; readonly record: LogPosition }
  | { readonly type: 'Key' | 'User'; readonly record: string };

/** Opaque to callers. None is a whole number, so it cannot be taken for a record id. */
export function formatGlobalId({ type, record }: GlobalId): string {
  const text = typeof record === 'object' ? formatPosition(record) : record;
  return Buffer.from(`${type}:${text}`).toString('base64url');
}

/** The longest one has a login of characters of four bytes. */
const MAX_CHARACTERS = 1_000;

/** What a global id names; `undefined` for what is not one, in the one spelling that it has. */
export function parseGlobalId(id: string): GlobalId | undefined {
  if (id.length > MAX_CHARACTERS) return undefined;
  const [, type, text = ''] = /^(\w+):(.+)$/s.exec(Buffer.from(id, 'base64url').toString()) ?? [];
  const parsed = parseRecord(type, text);
  return parsed && formatGlobalId(parsed) === id ? parsed : undefined;
}

function parseRecord(type: string | undefined, text: string): GlobalId | undefined {
  switch (type) {
    case 'Intercom':
    case 'IntercomFlat': {
      const record = integerFromText(text);
      return record !== undefined && record >= 1 && record <= MAX_ID ? { type, record } : undefined;
    }
    case 'Change':
    case 'ChangeSet': {
      const record = parsePosition(text);
      return record && { type, record };
    }
    case 'Key':
    case 'User':
      return { type, record: text };
    default:
      return undefined;
  }
}
