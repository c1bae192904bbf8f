import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { TokenWrites } from '../../store.ts';
import type { Commits } from '../commit/transactions.ts';
import { compile, placeholders } from '../compile.ts';
import { and, eq, isNull, lte, sql } from '../drizzle.ts';
import { tokens } from '../tables.ts';

export function createTokenWrites(client: Database, db: BetterSQLite3Database, commits: Commits): TokenWrites {
  const names = ['name', 'scope', 'hash', 'createdAt', 'expiresAt'] as const;
  const insert = compile(client, db.insert(tokens).values(placeholders(names)).onConflictDoNothing(), names);
  const retire = compile(
    client,
    db
      .update(tokens)
      .set({ revokedAt: sql`${tokens.expiresAt}` })
      .where(
        and(
          eq(tokens.name, sql.placeholder('name')),
          isNull(tokens.revokedAt),
          lte(tokens.expiresAt, sql.placeholder('now')),
        ),
      ),
    ['name', 'now'],
  );
  const revoke = compile(
    client,
    db
      .update(tokens)
      .set({ revokedAt: sql`${sql.placeholder('now')}` })
      .where(and(eq(tokens.name, sql.placeholder('name')), isNull(tokens.revokedAt))),
    ['now', 'name'],
  );
  const use = compile(
    client,
    db
      .update(tokens)
      .set({ lastUsedAt: sql`${sql.placeholder('now')}` })
      .where(eq(tokens.id, sql.placeholder('id'))),
    ['now', 'id'],
  );

  return {
    addToken: (name, scope, hash, expiresAt) =>
      commits.write('tokens', 1, (now) => {
        retire.run(name, now);
        return insert.run(name, scope, hash, now, expiresAt).changes > 0;
      }),
    revokeToken: (name) => commits.write('tokens', 1, (now) => revoke.run(now, name).changes > 0),
    recordTokenUse: (id) => commits.write('tokens', 1, (now) => void use.run(now, id)),
  };
}
