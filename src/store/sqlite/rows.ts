import type {
  Channel,
  IntercomChange,
  LinesChange,
  LinksChange,
  ProvisionChange,
  ProvisionDraft,
  ProvisionKind,
} from '../../domain/change.ts';
import type { Flat } from '../../domain/flat.ts';
import type { Intercom } from '../../domain/intercom.ts';
import { hasLines, LINE_STATES, LINES, type Lines, type LinesPatch, linesFrom } from '../../domain/lines.ts';
import type { Token } from '../../domain/token.ts';
import { c, f, i, pc, text } from './sql-text.ts';
import { flatUsers, keys, tokens } from './tables.ts';

/** The columns of `flats f` that `toFlat` decodes, in its order; links are counted by their index. */
export const FLAT_COLUMNS = [
  text`${f.id}, ${f.flat}, ${f.intercomId}`,
  text`(select count(*) from ${keys} where ${keys.flatId} = ${f.id})`,
  text`(select count(*) from ${flatUsers} where ${flatUsers.flatId} = ${f.id})`,
  text`${f.version}, ${f.updatedAt}`,
  ...LINES.map((line) => text`${f[line]}`),
].join(', ');

export function toFlat(columns: readonly unknown[]): Flat {
  const [id, flat, intercomId, keyCount, usersCount, version, updatedAt] = columns as [
    ...[id: number, flat: number, intercomId: number, keyCount: number, usersCount: number],
    ...[version: number, updatedAt: number],
  ];
  const lines = toLines(columns, 7);
  return { id, flat, intercomId, keyCount, usersCount, lines, version, updatedAt };
}

/** Decodes lines from a row that has their columns from `start` on, in the order of `LINES`. */
export const toLines = (columns: readonly unknown[], start: number): Lines =>
  linesFrom((_, index) => columns[start + index] === 1);

/** Lines as their columns store them. */
export const toLineColumns = (lines: Lines): readonly number[] => LINES.map((line) => (lines[line] ? 1 : 0));

const BEFORE = 8;
const AFTER = BEFORE + LINES.length;

/** The columns of `changes c` that `toChange` decodes, in its order. */
export const CHANGE_COLUMNS = [
  text`${c.seq}, ${c.changedAt}, ${c.actor}, ${c.channel}, ${c.reason}, ${c.flatId}, ${c.intercomId}, ${c.flat}`,
  ...LINES.map((line) => text`${c[`before_${line}`]}`),
  ...LINES.map((line) => text`${c[`after_${line}`]}`),
].join(', ');

export function toChange(columns: readonly unknown[]): LinesChange {
  const [seq, changedAt, actor, channel, reason, flatId, intercomId, flat] = columns as [
    ...[seq: number, changedAt: number, actor: string, channel: Channel, reason: string | null],
    ...[flatId: number, intercomId: number, flat: number],
  ];
  return {
    kind: 'LINES_SET',
    seq,
    changedAt,
    actor,
    channel,
    reason,
    flatId,
    intercomId,
    flat,
    before: toLines(columns, BEFORE),
    after: toLines(columns, AFTER),
  };
}

/** The columns of `provision_changes pc` that `toProvision` decodes, in its order. */
export const PROVISION_COLUMNS = text`${pc.seq}, ${pc.changedAt}, ${pc.actor}, ${pc.channel}, ${pc.reason}, ${pc.kind}, ${pc.intercomId},
  ${pc.flatId}, ${pc.flat}, ${pc.details}`;

/** What a row of each kind says beside its columns; `lines` are a bit for each, as in `flats`, and empty lists are left out. */
interface Details {
  readonly created: { readonly lines: number; readonly keys?: readonly string[]; readonly users?: readonly string[] };
  readonly links: Pick<LinksChange, 'names'>;
  readonly intercom: Pick<IntercomChange, 'before' | 'after' | 'flatsAdded' | 'flatsRemoved'>;
}

export function detailsOf(draft: ProvisionDraft): Details[keyof Details] {
  if (draft.kind === 'FLAT_CREATED') {
    const { lines, keys, users } = draft;
    return { lines: maskOf(lines), ...(keys.length > 0 && { keys }), ...(users.length > 0 && { users }) };
  }
  if ('names' in draft) return { names: draft.names };
  const { before, after, flatsAdded, flatsRemoved } = draft;
  return { before, after, flatsAdded, flatsRemoved };
}

export function toProvision(columns: readonly unknown[]): ProvisionChange {
  const [seq, changedAt, actor, channel, reason, kind, intercomId, flatId, flat, details] = columns as [
    ...[seq: number, changedAt: number, actor: string, channel: Channel, reason: string | null],
    ...[kind: ProvisionKind, intercomId: number, flatId: number, flat: number, details: string],
  ];
  const row = { seq, changedAt, actor, channel, reason, intercomId };
  if (kind === 'FLAT_CREATED') {
    const { lines, keys = [], users = [] } = JSON.parse(details) as Details['created'];
    return { ...row, kind, flatId, flat, lines: LINE_STATES[lines] as Lines, keys, users };
  }
  if (kind === 'INTERCOM_CREATED' || kind === 'INTERCOM_CHANGED' || kind === 'INTERCOM_DELETED') {
    return { ...row, kind, ...(JSON.parse(details) as Details['intercom']) };
  }
  return { ...row, kind, flatId, flat, ...(JSON.parse(details) as Details['links']) };
}

export const maskOf = (lines: Lines): number =>
  LINES.reduce((mask, line, bit) => (lines[line] ? mask + 2 ** bit : mask), 0);

// The column `lines` of `flats` holds all lines as one number, a bit for each. A condition on lines is then a list of such
// numbers, each of them one range of an index.

/** The numbers of all states in which the lines are as wanted. */
export function masksOf(wanted: LinesPatch): readonly number[] {
  return LINE_STATES.flatMap((lines, mask) => (hasLines(lines, wanted) ? [mask] : []));
}

/** The columns of `intercoms i` that `toIntercom` decodes, in its order. */
export const INTERCOM_COLUMNS = text`${i.id}, ${i.title}, ${i.externalId}, ${i.flatFrom}, ${i.flatTo}`;

export const toIntercom = ([id, title, externalId, from, to]: readonly unknown[]): Intercom => ({
  id: id as number,
  title: title as string,
  externalId: externalId as string | null,
  range: from === null ? null : { from: from as number, to: to as number },
});

/** The columns of `tokens` that `toToken` decodes, in its order. */
export const TOKEN_COLUMNS = {
  id: tokens.id,
  name: tokens.name,
  scope: tokens.scope,
  createdAt: tokens.createdAt,
  lastUsedAt: tokens.lastUsedAt,
  revokedAt: tokens.revokedAt,
};

export const toToken = ([id, name, scope, createdAt, lastUsedAt, revokedAt]: readonly unknown[]): Token => ({
  id: id as number,
  name: name as string,
  scope: scope as Token['scope'],
  createdAt: createdAt as number,
  lastUsedAt: lastUsedAt as number | null,
  revokedAt: revokedAt as number | null,
});
