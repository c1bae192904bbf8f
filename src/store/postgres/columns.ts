import { columnsOf } from '../columns.ts';
import { c, f, i, pc, r, text } from './sql-text.ts';
import { changeSetRuns, flatUsers, keys, tokens } from './tables.ts';

const columns = columnsOf(text, { f, c, pc, i, r, keys, flatUsers, changeSetRuns });

export const { setOf } = columns;
export const FLAT_COLUMNS = columns.flat;
export const CHANGE_COLUMNS = columns.change;
export const PROVISION_COLUMNS = columns.provision;
export const INTERCOM_COLUMNS = columns.intercom;

/** The columns of `tokens` that `toToken` decodes, in its order. */
export const TOKEN_COLUMNS = text`${tokens.id}, ${tokens.name}, ${tokens.scope}, ${tokens.createdAt}, ${tokens.lastUsedAt}, ${tokens.revokedAt},
  ${tokens.expiresAt}`;
