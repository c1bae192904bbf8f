import type { TokenWrites } from '../../store.ts';
import type { Transactions } from '../commit/transactions.ts';
import { text } from '../sql-text.ts';
import { databaseState, tokens } from '../tables.ts';

const ADD = text`insert into ${tokens} (name, scope, hash, created_at, expires_at)
  values (@name, @scope, @hash::bytea, @now, @expiresAt::bigint) on conflict do nothing`;
const RETIRE = text`update ${tokens} set revoked_at = expires_at where name = @name and revoked_at is null and expires_at <= @now`;
const REVOKE = text`update ${tokens} set revoked_at = @now where name = @name and revoked_at is null`;
const USE = text`update ${tokens} set last_used_at = @now where id = @id`;
/** The other instances see by it that there are others than they know. */
const BUMP = text`update ${databaseState} set tokens_version = tokens_version + 1 where one`;

export const createTokenWrites = ({ run }: Transactions): TokenWrites => ({
  addToken: (name, scope, hash, expiresAt) =>
    run(async ({ count, now }) => {
      const retired = await count(RETIRE, { name, now });
      const added = await count(ADD, { name, scope, hash: `\\x${hash.toString('hex')}`, now, expiresAt });
      if (retired + added > 0) await count(BUMP);
      return added > 0;
    }),
  revokeToken: (name) =>
    run(async ({ count, now }) => {
      // One that has expired may give its name away at this moment: the first statement waits for that, and the second one sees who has it.
      const revoked = (await count(REVOKE, { name, now })) || (await count(REVOKE, { name, now }));
      if (revoked > 0) await count(BUMP);
      return revoked > 0;
    }),
  recordTokenUse: (id) => run(async ({ count, now }) => void (await count(USE, { id, now }))),
});
