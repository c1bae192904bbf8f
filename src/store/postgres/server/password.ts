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
  const name = host.startsWith('/') ? 'localhost' : host;
  for (const line of readLines(passwordFile)) {
    if (line.startsWith('#')) continue;
    const fields = line.match(/(?:\\.|[^:\\])+/g)?.map((it) => it.replace(/\\(.)/g, '$1')) ?? [];
    const secret = fields[4];
    const wanted = [name, String(port), database, user];
    if (secret !== undefined && wanted.every((it, index) => fields[index] === '*' || fields[index] === it))
      return secret;
  }
  return undefined;
}

function readLines(file: string): readonly string[] {
  try {
    return statSync(file).mode & 0o077 ? [] : readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    // Most users have none.
    return [];
  }
}
