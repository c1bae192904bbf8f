import { describe } from 'vitest';
import { NO_POSTGRES, POSTGRES_BIN } from '../support/postgres.ts';
import { postgresWorlds } from '../support/postgres-world.ts';
import { describeChangeSets } from './change-sets-contract.ts';
import { describeStore } from './contract.ts';
import { describeLog } from './log-contract.ts';
import { describeProvision } from './provision-contract.ts';
import { describeRandomProvision } from './random-provision.ts';
import { describeRandomReads } from './random-reads.ts';
import { describeReads } from './reads-contract.ts';
import { describeUndo } from './undo-contract.ts';

describe.skipIf(POSTGRES_BIN === undefined)(`with PostgreSQL (${POSTGRES_BIN ?? NO_POSTGRES})`, () => {
  const open = postgresWorlds();
  describeStore('PostgreSQL', open);
  describeProvision('PostgreSQL', open);
  describeReads('PostgreSQL', open);
  describeLog('PostgreSQL', open);
  describeChangeSets('PostgreSQL', open);
  describeUndo('PostgreSQL', open, 8);
  describeRandomProvision('PostgreSQL', open, 4);
  describeRandomReads('PostgreSQL', open, 4);
});
