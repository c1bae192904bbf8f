import type { Column } from 'drizzle-orm';
import { LINES } from '../../domain/lines.ts';
import { c, f, i, pc, r, text } from './sql-text.ts';
import { changeSetRuns, flatUsers, keys, tokens } from './tables.ts';

/** The columns of `flats f` that `toFlat` decodes, in its order. */
export const FLAT_COLUMNS = [
  text`${f.id}, ${f.flat}, ${f.intercomId}`,
  text`(select count(*) from ${keys} where ${keys.flatId} = ${f.id})`,
  text`(select count(*) from ${flatUsers} where ${flatUsers.flatId} = ${f.id})`,
  text`${f.version}, ${f.updatedAt}`,
  ...LINES.map((line) => text`${f[line]}`),
].join(', ');

/** The change set of the row with a seq: that of the run around it, or the row itself. */
export const setOf = (
  seq: Column,
): string => text`coalesce((select case when ${r.lastSeq} >= ${seq} then ${r.changeSet} end
  from ${changeSetRuns} ${r} where ${r.firstSeq} <= ${seq} order by ${r.firstSeq} desc limit 1), ${seq})`;

/** The columns of `changes c` that `toChange` decodes, in its order. */
export const CHANGE_COLUMNS = [
  text`${c.seq}, ${c.changedAt}, ${c.actor}, ${c.channel}, ${c.reason}, ${setOf(c.seq)}, ${c.flatId}, ${c.intercomId}, ${c.flat}`,
  ...LINES.map((line) => text`${c[`before_${line}`]}`),
  ...LINES.map((line) => text`${c[`after_${line}`]}`),
].join(', ');

/** The columns of `provision_changes pc` that `toProvision` decodes, in its order. */
export const PROVISION_COLUMNS = text`${pc.seq}, ${pc.changedAt}, ${pc.actor}, ${pc.channel}, ${pc.reason}, ${setOf(pc.seq)}, ${pc.kind},
  ${pc.intercomId}, ${pc.flatId}, ${pc.flat}, ${pc.details}`;

/** The columns of `intercoms i` that `toIntercom` decodes, in its order. */
export const INTERCOM_COLUMNS = text`${i.id}, ${i.title}, ${i.externalId}, ${i.flatFrom}, ${i.flatTo}`;

/** The columns of `tokens` that `toToken` decodes, in its order. */
export const TOKEN_COLUMNS = text`${tokens.id}, ${tokens.name}, ${tokens.scope}, ${tokens.createdAt}, ${tokens.lastUsedAt}, ${tokens.revokedAt},
  ${tokens.expiresAt}`;
