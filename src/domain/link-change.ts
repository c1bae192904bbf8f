import { type FlatRef, type FlatRefInput, parseFlatRef } from './flat-ref.ts';
import { MAX_NAMES } from './limits.ts';
import { errorsOf, type FieldError, type Invalid, invalid, isInvalid } from './refusal.ts';
import { nameFault, parseText, textFault } from './text.ts';
import { parseReason } from './update-flat.ts';

/** What is linked to a flat: keys, by code, and users, by login. */
export type Link = 'keys' | 'users';

/** Names to attach to a flat or to detach from it, as a door parsed them, not validated yet. */
export interface LinkChangeInput extends FlatRefInput {
  readonly link: Link;
  readonly attach: boolean;
  readonly names: readonly string[];
  readonly reason: string | undefined;
}

/** Valid names, each of them once; only a missing flat can still refuse them. */
export interface LinkChange {
  readonly ref: FlatRef;
  readonly link: Link;
  readonly attach: boolean;
  readonly names: readonly string[];
  readonly reason: string | null;
}

/** Validates the shape only; returns all errors together. */
export function parseLinkChange(input: LinkChangeInput): LinkChange | Invalid {
  const { link, attach } = input;
  const ref = parseFlatRef(input);
  const errors = errorsOf(ref);
  const names = input.names.length > MAX_NAMES ? [] : readNames(errors, input);
  if (input.names.length > MAX_NAMES) errors.push({ field: link, code: 'TOO_MANY' });
  const reason = parseReason(errors, input.reason);
  if (isInvalid(ref) || errors.length > 0) return invalid(errors);
  return { ref, link, attach, names, reason };
}

/** A file separates names by semicolons, so that no name can hold one. */
function readNames(errors: FieldError[], { link: field, attach, names: given }: LinkChangeInput): readonly string[] {
  // Names stored by an older version can still be detached.
  const faultOf = attach ? nameFault : textFault;
  const names = given.map((name, index) => {
    if (!name.includes(';')) return parseText(errors, { field, index }, name, faultOf);
    errors.push({ field, index, code: 'INVALID_TEXT' });
    return name;
  });
  return [...new Set(names)];
}
