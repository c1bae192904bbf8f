import { orderErrors, readEnd, sizeErrors } from './flat-range.ts';
import { type GivenLines, readLines } from './given-lines.ts';
import type { FlatRange } from './intercom.ts';
import { ALL_AVAILABLE, type Lines, patchLines } from './lines.ts';
import type { FieldError, Invalid } from './refusal.ts';
import { readText } from './text.ts';

/** A new intercom as a door read it: nothing is judged yet. */
export interface NewIntercomInput {
  readonly title: string;
  readonly externalId: string | undefined;
  readonly flatFrom: number;
  readonly flatTo: number;
  readonly lines: GivenLines;
}

/** An intercom to be made, with a flat for each number of its range. */
export interface NewIntercom {
  readonly title: string;
  readonly externalId: string | null;
  readonly range: FlatRange;
  /** Of each of its flats. */
  readonly lines: Lines;
}

/** Judges the shape; everything that is wrong with it comes back together. */
export function parseNewIntercom(input: NewIntercomInput): NewIntercom | Invalid {
  const errors: FieldError[] = [];
  const title = readText(errors, { field: 'title' }, input.title);
  const externalId =
    input.externalId === undefined ? null : readText(errors, { field: 'externalId' }, input.externalId);
  const from = readEnd(errors, 'flatFrom', input.flatFrom);
  const to = readEnd(errors, 'flatTo', input.flatTo);
  const range = { from: input.flatFrom, to: input.flatTo };
  if (from !== undefined && to !== undefined) {
    errors.push(...orderErrors(range, 'flatTo'), ...sizeErrors(range, 'flatTo', null));
  }
  const lines = patchLines(ALL_AVAILABLE, readLines(errors, input.lines));
  return errors.length > 0 ? { kind: 'invalid', errors } : { title, externalId, range, lines };
}
