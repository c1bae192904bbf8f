import { eitherOf, requireInteger } from './flat-ref.ts';
import { type IdInput, MAX_ID } from './input.ts';
import { type FieldError, type Invalid, invalid, refuseField } from './refusal.ts';
import { parseText } from './text.ts';

/** Names an intercom by its id, or by its id in another system. */
export type IntercomRef =
  | { readonly by: 'id'; readonly intercomId: number }
  | { readonly by: 'externalId'; readonly externalId: string };

/** The two fields that can name an intercom, as a door parsed them. */
export interface IntercomRefInput {
  readonly intercomId: IdInput;
  readonly externalId: string | undefined;
}

/** An intercom is named by `intercomId` or by `externalId`, never by both and never by neither. */
export function parseIntercomRef({ intercomId, externalId }: IntercomRefInput): IntercomRef | Invalid {
  const errors: FieldError[] = [];
  if (intercomId !== undefined && externalId !== undefined) {
    errors.push(...eitherOf('intercomId', 'externalId', 'MUTUALLY_EXCLUSIVE'));
  }
  if (intercomId === undefined && externalId === undefined) {
    errors.push(...eitherOf('intercomId', 'externalId', 'REQUIRED'));
  }
  requireInteger(errors, 'intercomId', intercomId, MAX_ID);
  const name = externalId === undefined ? '' : parseText(errors, { field: 'externalId' }, externalId);
  if (errors.length > 0) return invalid(errors);
  return externalId === undefined
    ? { by: 'id', intercomId: intercomId as number }
    : { by: 'externalId', externalId: name };
}

/** The refusal of an intercom ref that names no intercom. */
export const refuseMissingIntercom = (ref: IntercomRef): Invalid =>
  refuseField(ref.by === 'id' ? 'intercomId' : 'externalId', 'NOT_FOUND');
