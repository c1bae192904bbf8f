import { readFileSync, statSync } from 'node:fs';
import type { Address, Host } from './address.ts';
import { readNamedFile } from './read-file.ts';

/**
 * The password for a host: the one that was given, or that of the password file. Like libpq it takes the first line that
 * matches, and no file that others can read.
 */
export function passwordFor(address: Address, { host, port }: Host): string | undefined {
  const { password, secretFile, passwordFile, database, user } = address;
  if (secretFile !== undefined) return readNamedFile('DATABASE_PASSWORD_FILE', secretFile).trim();
  if (password !== undefined || passwordFile === undefined) return password;
  const names = host.startsWith('/') ? ['localhost', host] : [host];
  const wanted = [names, [String(port)], [database], [user]];
  for (const line of readLines(passwordFile)) {
    const fields = line.startsWith('#') ? null : LINE.exec(line)?.slice(1).map(unescaped);
    const secret = fields?.pop();
    if (secret && wanted.every((all, index) => fields?.[index] === '*' || all.includes(fields?.[index] ?? '')))
      return secret;
  }
  return undefined;
}

const FIELD = '((?:\\\\.|[^:\\\\])*)';
/** The password is the rest of the line, whatever colons it has. */
const LINE = new RegExp(`^${`${FIELD}:`.repeat(4)}(.*)$`);
const unescaped = (field: string): string => field.replace(/\\(.)/g, '$1');

function readLines(file: string): readonly string[] {
  try {
    return statSync(file).mode & 0o077 ? [] : readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    // Most users have none.
    return [];
  }
}
