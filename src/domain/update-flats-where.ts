import {
  asksForLines,
  errorsOfIds,
  type FlatFilter,
  type FlatFilterInput,
  narrows,
  parseFlatFilter,
} from './flat-filter.ts';
import { eitherOf, requireInteger } from './flat-ref.ts';
import { type ConditionInput, EMPTY, type IdInput, MAX_ID } from './input.ts';
import { LINES, type LinesInput, type LinesPatch, parseLines } from './lines.ts';
import { errorsOf, type FieldError, type Invalid, invalid, isInvalid } from './refusal.ts';
import { parseReason, type Update } from './update-flat.ts';

/** An update of all flats that match, as a door parsed it, not validated yet. */
export interface UpdateWhereInput {
  readonly filter: FlatFilterInput;
  readonly all: boolean;
  readonly lines: LinesInput;
  readonly reason?: string | undefined;
  /** Refuses the update when more flats would change. */
  readonly atMost: ConditionInput<number>;
  /** Flats that are left alone, though they match. */
  readonly exceptFlatIds: readonly IdInput[] | typeof EMPTY | undefined;
}

/** A valid one. It always sets a line. */
export interface UpdateWhere {
  readonly filter: FlatFilter;
  readonly atMost: number | undefined;
  readonly exceptFlatIds: ReadonlySet<number>;
  readonly patch: LinesPatch;
  readonly reason: string | null;
}

/**
 * Validates the shape only; returns all errors together. A filter whose values were lost by mistake must not mean every
 * flat. So the flats are named by a filter that names buildings or flats, or as `all`, never by both and never by neither;
 * beside a filter of lines alone, `all` says that every building is meant.
 */
export function parseUpdateWhere(input: UpdateWhereInput): UpdateWhere | Invalid {
  const errors: FieldError[] = [];
  if (narrows(input.filter)) {
    if (input.all) errors.push(...eitherOf('filter', 'all', 'MUTUALLY_EXCLUSIVE'));
  } else if (!input.all) {
    if (asksForLines(input.filter)) errors.push({ field: 'filter', code: 'NOT_NARROWED' });
    else errors.push(...eitherOf('filter', 'all', 'REQUIRED'));
  }
  const filter = parseFlatFilter(input.filter);
  errors.push(...errorsOf(filter).map((error): FieldError => ({ ...error, within: 'filter' })));
  const patch = parseLines(errors, input.lines);
  if (LINES.every((line) => input.lines[line] === undefined)) {
    errors.push(...LINES.map((field): FieldError => ({ field, code: 'REQUIRED' })));
  }
  const reason = parseReason(errors, input.reason);
  const { atMost, exceptFlatIds } = input;
  // What was lost by mistake must not widen the change.
  for (const field of ['atMost', 'exceptFlatIds'] as const) {
    if (input[field] === EMPTY) errors.push({ field, code: 'EMPTY_CONDITION' });
  }
  if (atMost !== EMPTY) requireInteger(errors, 'atMost', atMost, MAX_ID);
  if (typeof exceptFlatIds === 'object') errors.push(...errorsOfIds('exceptFlatIds', exceptFlatIds));
  if (isInvalid(filter) || errors.length > 0) return invalid(errors);
  return {
    ...{ filter, patch, reason, atMost: atMost as number | undefined },
    exceptFlatIds: new Set(exceptFlatIds as readonly number[] | undefined),
  };
}

/**
 * The update of a flat that matched when it was read. Of the conditions of a filter, updates can change only the lines: a
 * flat stays on its intercom under its number, and an update that set it meanwhile has only changed its lines. So a flat
 * whose lines no longer match is left alone, and one that is gone is refused. Keys, users and titles count as they were
 * read.
 */
export const updateOfMatch = ({ filter, patch, reason }: UpdateWhere, flatId: number): Update => ({
  ref: { by: 'id', flatId },
  patch,
  acceptedVersions: undefined,
  reason,
  onlyWhile: filter.lines,
});
