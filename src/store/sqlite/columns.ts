import { LINES, type Lines } from '../../domain/lines.ts';
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
export const TOKEN_COLUMNS = {
  id: tokens.id,
  name: tokens.name,
  scope: tokens.scope,
  createdAt: tokens.createdAt,
  lastUsedAt: tokens.lastUsedAt,
  revokedAt: tokens.revokedAt,
  expiresAt: tokens.expiresAt,
};

/** Lines as their columns store them. */
export const toLineColumns = (lines: Lines): readonly number[] => LINES.map((line) => (lines[line] ? 1 : 0));
