import type { Scope } from '../domain/caller.ts';
import { LINES, type Line } from '../domain/lines.ts';
import type { Field, FieldErrorCode } from '../domain/refusal.ts';
import type { StorageProblem } from '../domain/storage-problem.ts';

/** The values in a text about a field. */
export interface FieldText {
  readonly field: Field;
  /** The field, and the other field of the rule, in the caller's spelling. */
  readonly name: string;
  readonly other?: string | undefined;
  /** The longest text, in characters, and the most entries or flats, where the field has such a limit. */
  readonly maxLength?: number | undefined;
  readonly maxCount?: number | undefined;
}

/** No line is required on its own; only of all of them one may be. */
export const isLine = (field: Field): boolean => LINES.includes(field as Line);
const LISTS: readonly Field[] = ['keys', 'users', 'flatIds', 'exceptFlatIds'];
export const isList = (field: Field): boolean => LISTS.includes(field);

/** Every text of one language. A missing one does not compile. */
export interface Catalogue {
  readonly field: Readonly<Record<FieldErrorCode, (about: FieldText) => string>>;
  readonly andMore: (count: number) => string;
  readonly versionConflict: string;
  readonly notApplied: string;
  readonly flatsInUse: (count: number) => string;
  readonly tooManyUpdates: (max: number) => string;
  readonly tooManyIds: (max: number) => string;
  readonly invalidJson: string;
  readonly notAnObject: string;
  readonly unknownPath: string;
  readonly consoleNotBuilt: string;
  readonly wrongMethod: (allowed: string) => string;
  readonly bodyTooLarge: (maxBytes: number) => string;
  readonly wrongContentType: string;
  readonly wrongCharset: string;
  readonly bodyNotUtf8: string;
  readonly notAcceptable: string;
  readonly streamNotAcceptable: string;
  readonly unreadableRequest: string;
  readonly storage: Readonly<Record<StorageProblem, string>>;
  readonly tokenMissing: string;
  readonly tokenInvalid: string;
  readonly tokenExpired: string;
  readonly csvExpected: string;
  readonly importRunning: string;
  readonly scopeTooNarrow: (needed: Scope) => string;
  readonly wrongScheme: string;
  readonly noTokenYet: string;
  readonly notLocal: string;
  readonly notLocalHttp10: string;
  readonly wrongOrigin: string;
  readonly badHandshake: (protocol: string) => string;
  readonly missingHost: string;
  readonly severalHosts: string;
  readonly unknownExpectation: string;
  readonly wrongEncoding: string;
  readonly multipart: string;
  readonly unusableIfMatch: string;
  readonly tooManyConnections: string;
  readonly overloaded: string;
  readonly tooManyStreams: string;
  readonly tooManyRequests: (perMinute: number, seconds: number) => string;
  readonly internal: string;
}
