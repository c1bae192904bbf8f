import { orderErrors, parseEnd, sizeErrors, sizeOf } from './flat-range.ts';
import { MAX_ID } from './input.ts';
import type { FlatRange } from './intercom.ts';
import { ALL_AVAILABLE, type Lines, type LinesInput, parseLines, patchLines } from './lines.ts';
import { type FieldError, type Invalid, invalid, refuseField } from './refusal.ts';
import { parseText } from './text.ts';
import { parseReason } from './update-flat.ts';

/** A new intercom as a door parsed it, not validated yet. */
export interface NewIntercomInput {
  readonly title: string;
  readonly externalId: string | undefined;
  readonly flatFrom: number;
  readonly flatTo: number;
  readonly lines: LinesInput;
  readonly reason: string | undefined;
}

/** An intercom to create, with a flat for each number of its range. */
export interface NewIntercom {
  readonly title: string;
  readonly externalId: string | null;
  readonly range: FlatRange;
  /** Of each of its flats. */
  readonly lines: Lines;
  readonly reason: string | null;
}

/** Stored facts that can refuse a new intercom. */
export interface NewIntercomFacts {
  /** The id of the intercom that has the external id. */
  readonly holder: number | undefined;
  /** The greatest ids that an intercom and a flat have ever had; 0 before the first. */
  readonly lastIntercomId: number;
  readonly lastFlatId: number;
}

/** Validates the shape; returns all errors together. */
export function parseNewIntercom(input: NewIntercomInput): NewIntercom | Invalid {
  const errors: FieldError[] = [];
  const title = parseText(errors, { field: 'title' }, input.title);
  const externalId =
    input.externalId === undefined ? null : parseText(errors, { field: 'externalId' }, input.externalId);
  const from = parseEnd(errors, 'flatFrom', input.flatFrom);
  const to = parseEnd(errors, 'flatTo', input.flatTo);
  const range = { from: input.flatFrom, to: input.flatTo };
  if (from !== undefined && to !== undefined) {
    errors.push(...orderErrors(range, 'flatTo'), ...sizeErrors(range, 'flatTo', null));
  }
  const lines = patchLines(ALL_AVAILABLE, parseLines(errors, input.lines));
  const reason = parseReason(errors, input.reason);
  return errors.length > 0 ? invalid(errors) : { title, externalId, range, lines, reason };
}

/** The refusal of a valid new intercom because of what is stored, if any. */
export function refuseNewIntercom({ range }: NewIntercom, facts: NewIntercomFacts): Invalid | undefined {
  if (facts.holder !== undefined) return refuseField('externalId', 'TAKEN');
  const isFull = facts.lastIntercomId + 1 > MAX_ID || facts.lastFlatId + sizeOf(range) > MAX_ID;
  return isFull ? refuseField('flatTo', 'NO_ID_LEFT') : undefined;
}
