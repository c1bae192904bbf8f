import type { Flat } from '../domain/flat.ts';
import { LINES, type Lines } from '../domain/lines.ts';
import type { FieldError } from '../domain/refusal.ts';
import { fieldErrorText, type Locale, textsOf } from '../texts/index.ts';
import { restName } from './body.ts';

/** An answer; the body is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function propertiesOf(lines: Lines): Record<string, boolean> {
  const properties: Record<string, boolean> = {};
  for (const line of LINES) properties[restName(line)] = lines[line];
  return properties;
}

/** The vendor's shape of a flat, in the vendor's order. */
const flatBody = (flat: Flat) => ({
  id: flat.id,
  flat: flat.flat,
  key_count: flat.keyCount,
  users_count: flat.usersCount,
  intercom_id: flat.intercomId,
  properties: propertiesOf(flat.lines),
});

/** 200: the flat, with its version as `ETag`. */
export const flatAnswer = (flat: Flat): Answer => ({
  status: 200,
  headers: { ETag: versionTag(flat.version) },
  body: flatBody(flat),
});

/** The `ETag` of a flat: its version, as a strong validator (RFC 9110, 8.8.3). */
export const versionTag = (version: number): string => `"${version}"`;

export const withHeaders = (answer: Answer, more: Answer['headers']): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...more },
});

export const messageAnswer = (status: number, message: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers,
  body: { message },
});

/** 422: `errors` has the texts by key; `message` is the first of them, with the number of further ones. */
export function invalidAnswer(locale: Locale, errors: readonly (readonly [key: string, text: string])[]): Answer {
  const byKey: Record<string, string[]> = {};
  for (const [key, text] of errors) byKey[key] = [...(byKey[key] ?? []), text];
  const first = errors[0]?.[1] ?? '';
  const message = errors.length > 1 ? `${first} ${textsOf(locale).andMore(errors.length - 1)}` : first;
  return { status: 422, headers: {}, body: { message, errors: byKey } };
}

export const fieldErrorsAnswer = (locale: Locale, errors: readonly FieldError[]): Answer =>
  invalidAnswer(
    locale,
    errors.map((error) => [restName(error.field), fieldErrorText(locale, error, restName)]),
  );
