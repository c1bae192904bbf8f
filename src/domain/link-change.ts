import { type FlatRef, type FlatRefInput, parseFlatRef } from './flat-ref.ts';
import { MAX_NAMES } from './limits.ts';
import type { FieldError, Invalid } from './refusal.ts';
import { nameFault, parseText, textFault } from './text.ts';

/** What hangs on a flat: keys, by their codes, and users, by their logins. */
export type Link = 'keys' | 'users';

/** Names to attach to a flat or to detach from it, as a door read them: nothing is judged yet. */
export interface LinkChangeInput extends FlatRefInput {
  readonly link: Link;
  readonly attach: boolean;
  readonly names: readonly string[];
}

/** Names whose shape is good, each of them once; only a flat that is not there can still speak against them. */
export interface LinkChange {
  readonly ref: FlatRef;
  readonly link: Link;
  readonly attach: boolean;
  readonly names: readonly string[];
}

/** Judges the shape alone; everything that is wrong with it comes back together. */
export function parseLinkChange(input: LinkChangeInput): LinkChange | Invalid {
  const { link, attach } = input;
  const ref = parseFlatRef(input);
  const errors: FieldError[] = 'by' in ref ? [] : [...ref];
  const names = input.names.length > MAX_NAMES ? [] : readNames(errors, input);
  if (input.names.length > MAX_NAMES) errors.push({ field: link, code: 'TOO_MANY' });
  if (errors.length > 0 || !('by' in ref)) return { kind: 'invalid', errors };
  return { ref, link, attach, names };
}

/** A file separates names by semicolons, so that no name can hold one. */
function readNames(errors: FieldError[], { link: field, attach, names: given }: LinkChangeInput): readonly string[] {
  // What an older version has stored can still be taken away.
  const faultOf = attach ? nameFault : textFault;
  const names = given.map((name, index) => {
    if (!name.includes(';')) return parseText(errors, { field, index }, name, faultOf);
    errors.push({ field, index, code: 'INVALID_TEXT' });
    return name;
  });
  return [...new Set(names)];
}
