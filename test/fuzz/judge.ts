import { fileURLToPath } from 'node:url';
import type { Tokens } from './headers.ts';
import type { Input } from './input.ts';
import type { Answer } from './wire.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What an answer never holds, whatever was asked. */
const INSIDE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack trace', /\n\s+at |\bat [\w.<>]+ \(/],
  ['a place in the code', /node_modules|\.[jt]s:\d+|file:\/\//],
  ['a path', new RegExp(`${ROOT}|/tmp/intercom-flats`)],
  ['SQL', /sqlite|drizzle|\b(select|insert into|update|delete from)\b.{1,80}\b(from|values|set|where)\b/i],
  ['an error of JavaScript', /\b(Type|Range|Reference|Syntax)Error\b|is not a function|of undefined|of null\b/],
];

/** What is wrong with the answers to an input. */
export function faultsIn(input: Input, answers: readonly Answer[], tokens: Tokens): string[] {
  const found: string[] = [];
  if (input.whole && (answers[0]?.status ?? 0) === 0) found.push('no answer');
  for (const { status, head, body, complete } of answers) {
    if (status >= 500) found.push(`status ${status}`);
    if (status === 0) found.push('what came back is no HTTP');
    const text = `${head}\r\n\r\n${body}`;
    for (const [what, pattern] of INSIDE) if (pattern.test(text)) found.push(`${what}: ${pattern.exec(text)?.[0]}`);
    for (const token of Object.values(tokens)) if (text.includes(token)) found.push('a token');
    if (complete && /^content-type: application\/(graphql-response\+)?json/im.test(head) && body !== '') {
      try {
        JSON.parse(body);
      } catch {
        found.push('JSON that is none');
      }
    }
  }
  return found;
}
