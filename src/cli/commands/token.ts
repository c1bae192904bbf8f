import { resolve } from 'node:path';
import { SCOPES, type Scope } from '../../domain/caller.ts';
import { MAX_TOKEN_NAME, parseLifetime, type Token } from '../../domain/token.ts';
import { type CreatedToken, createToken, revokeToken } from '../../operations/tokens.ts';
import { configFromEnv } from '../../service/config.ts';
import { databaseText, isFile } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, createCommand, DONE, type Terminal, UsageError } from '../command.ts';
import { openDatabase } from '../database.ts';

const USAGE = `Usage:
  npm run token -- create NAME --scope read|write|admin [--expires 30d] [--json]
  npm run token -- list [--json]
  npm run token -- revoke NAME

Callers send a token as "Authorization: Bearer TOKEN". Its name is the actor of the changes they make.
  read    queries and subscriptions
  write   updates of lines, by GraphQL and by the REST route, and everything of read
  admin   intercoms, flats, keys and users, and everything of write

create prints the token on the standard output, only this once: only its SHA-256 is stored. A token works at once, and
stops at once when it is revoked, or has expired, also in a running server: --expires says after how many days (30d) or
hours (12h); without it a token does not expire. The database that holds it is printed on stderr.

Environment: DATABASE_URL (file:data/intercom-flats.db).
Exit code: 0 done; 1 the name is taken or unknown, or the database cannot be used; 2 wrong usage or environment.
`;

const SYNTAX = {
  usage: USAGE,
  positionals: true,
  options: { scope: { type: 'string' }, expires: { type: 'string' }, json: { type: 'boolean', default: false } },
} as const;

export const run = createCommand(SYNTAX, async ({ values, positionals }, env, terminal) => {
  const work = workOf(positionals, values);
  const { database } = configFromEnv(env);
  await using store = await openDatabase(database, terminal);
  await work(store, terminal, isFile(database) ? resolve(database.file) : databaseText(database));
  return DONE;
});

type Work = (store: Store, terminal: Terminal, database: string) => Promise<void>;

/** What the command line asks for; the database is not touched before it is understood. */
function workOf(
  [verb, name, ...more]: string[],
  { scope: given, expires, json }: { readonly scope?: string; readonly expires?: string; readonly json: boolean },
): Work {
  const scope = SCOPES.find((it) => it === given);
  if (given !== undefined && verb !== 'create') throw new UsageError('--scope belongs to create.');
  if (expires !== undefined && verb !== 'create') throw new UsageError('--expires belongs to create.');
  const lifetime = expires === undefined ? null : parseLifetime(expires);
  if (lifetime === undefined) throw new UsageError('--expires takes days or hours: 30d or 12h, up to 9999.');
  if (more.length > 0) throw new UsageError('Name one token; put a name with blanks in quotes.');
  switch (verb) {
    case 'create':
      if (name === undefined) throw new UsageError('Name the new token.');
      if (!scope) throw new UsageError(`Give it a scope: --scope ${SCOPES.join('|')}.`);
      return (store, terminal, file) => create(store, terminal, file, { name, scope, lifetime, json });
    case 'list':
      if (name !== undefined) throw new UsageError('list takes no name.');
      return (store, terminal) => list(store, terminal, json);
    case 'revoke':
      if (name === undefined) throw new UsageError('Name the token to revoke.');
      if (json) throw new UsageError('--json belongs to create and list.');
      return (store, terminal) => revoke(store, terminal, name);
    default:
      throw new UsageError('Say what to do: create, list or revoke.');
  }
}

const PROBLEMS: Readonly<Record<Extract<CreatedToken, { kind: 'refused' }>['problem'], string>> = {
  empty: 'The name must not be empty.',
  tooLong: `The name is too long: at most ${MAX_TOKEN_NAME} characters.`,
  unprintable: 'The name must not begin or end with a blank, nor hold characters that cannot be seen.',
  reserved: 'The name is reserved: it stands for callers without a token.',
  taken: 'There is a token of this name; revoke it first, or choose another name.',
};

interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  /** In milliseconds; null for a token that does not expire. */
  readonly lifetime: number | null;
  readonly json: boolean;
}

async function create(
  store: Store,
  { out, err }: Terminal,
  database: string,
  { name, scope, lifetime, json }: NewToken,
): Promise<void> {
  const expiresAt = lifetime === null ? null : Date.now() + lifetime;
  const created = await createToken(store, name, scope, expiresAt);
  if (created.kind === 'refused') {
    const message = PROBLEMS[created.problem];
    throw created.problem === 'taken' ? new CommandError(message) : new UsageError(message);
  }
  const { token } = created;
  out(`${json ? JSON.stringify({ name, scope, token, expiresAt: timeText(expiresAt), database }) : token}\n`);
  err(`Stored in ${database}${store.opened.isNew ? ', which is new' : ''}. Keep it: it is not shown again.\n`);
  if (expiresAt !== null) err(`It expires at ${timeText(expiresAt)}.\n`);
}

async function revoke(store: Store, { err }: Terminal, name: string): Promise<void> {
  const revoked = await revokeToken(store, name);
  if (revoked.kind === 'unknown') throw new CommandError('There is no live token of this name; list shows all.');
  err('Revoked.\n');
  if (revoked.last) {
    err(
      'That was the last one. A server on loopback now serves this machine without any; elsewhere it does not start.\n',
    );
  }
}

async function list(store: Store, { out }: Terminal, json: boolean): Promise<void> {
  const tokens = await store.listTokens();
  if (json) {
    out(`${JSON.stringify(tokens.map(tokenJson), null, 2)}\n`);
    return;
  }
  const heads = ['NAME', 'SCOPE', 'CREATED', 'EXPIRES', 'LAST USE', 'REVOKED'];
  const rows = tokens.map((it) => Object.values(tokenJson(it)).map((cell) => cell ?? '-'));
  const widths = heads.map((head, i) => Math.max(...[head, ...rows.map((row) => row[i] ?? '')].map((it) => it.length)));
  for (const row of [heads, ...rows])
    out(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** A token as it is listed; the times are UTC, and null stands for never. */
const tokenJson = ({ name, scope, createdAt, expiresAt, lastUsedAt, revokedAt }: Token) => ({
  name,
  scope,
  createdAt: timeText(createdAt),
  expiresAt: timeText(expiresAt),
  lastUsedAt: timeText(lastUsedAt),
  revokedAt: timeText(revokedAt),
});

const timeText = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
