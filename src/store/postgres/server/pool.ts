import { ConnectionLostError } from './errors.ts';
import type { PrimaryConnection } from './primary.ts';

/** How many connections a pool has, and how many calls wait for one. */
export interface PoolUse {
  readonly open: number;
  readonly busy: number;
  readonly waiting: number;
}

export interface Pool extends Disposable {
  /**
   * Runs work with a connection that nobody else uses meanwhile. Work whose connection is lost is run again with another one
   * until the patience is over, so it must only read.
   */
  read<T>(work: (connection: PrimaryConnection) => Promise<T>): Promise<T>;
  use(): PoolUse;
}

export interface PoolOptions {
  readonly size: number;
  readonly patienceMs: number;
  readonly connect: (deadline: number) => Promise<PrimaryConnection>;
}

/** Connections for reads, opened when they are needed. */
export function createPool({ size, patienceMs, connect }: PoolOptions): Pool {
  const idle: PrimaryConnection[] = [];
  const waiting: ((connection: PrimaryConnection | undefined) => void)[] = [];
  let open = 0;
  let isClosed = false;

  async function take(deadline: number): Promise<PrimaryConnection> {
    for (;;) {
      const connection = idle.pop() ?? (open < size ? undefined : await nextFree());
      if (connection && !connection.isDead()) return connection;
      if (connection) open--;
      if (isClosed) throw new ConnectionLostError('the store is closed');
      if (open >= size) continue;
      open++;
      try {
        return await connect(deadline);
      } catch (error) {
        open--;
        waiting.shift()?.(undefined);
        throw error;
      }
    }
  }

  const nextFree = () => new Promise<PrimaryConnection | undefined>((resolve) => waiting.push(resolve));

  function giveBack(connection: PrimaryConnection): void {
    const next = waiting.shift();
    if (isClosed) {
      open--;
      connection.close();
      next?.(undefined);
    } else if (next) next(connection);
    else idle.push(connection);
  }

  return {
    async read(work) {
      const deadline = performance.now() + patienceMs;
      for (let tries = 1; ; tries++) {
        const connection = await take(deadline);
        try {
          return await work(connection);
        } catch (error) {
          if (!(error instanceof ConnectionLostError) || isClosed) throw error;
          // Those that were opened before are most probably lost as well, and each would be found out only by its deadline.
          for (const it of idle) it.close();
          if (tries > 1 && performance.now() > deadline) throw error;
        } finally {
          giveBack(connection);
        }
      }
    },
    use: () => ({ open, busy: open - idle.length, waiting: waiting.length }),
    [Symbol.dispose]() {
      isClosed = true;
      for (const connection of idle.splice(0)) connection.close();
      for (const resolve of waiting.splice(0)) resolve(undefined);
    },
  };
}
