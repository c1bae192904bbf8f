import pg from 'pg';
import type { Address, Host } from './address.ts';
import { ConnectionLostError, NoPasswordError, toError } from './errors.ts';
import { passwordFor } from './password.ts';
import { tlsFor } from './tls.ts';

/** A statement with its values, one for each `$n`; one with a name is planned once for each connection. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
  /** How long its answer may take, where that is not what the connection allows. */
  readonly timeoutMs?: number;
}

export interface Answer {
  /** Every row, as its columns. */
  readonly rows: unknown[][];
  /** How many rows were written or read. */
  readonly count: number;
  /** What the server did, such as COMMIT. */
  readonly command: string;
}

/** One session on a server. Statements are sent at once, and answered in their order. */
export interface Connection {
  /** Rejects with a `StatementError`, or with a `ConnectionLostError` when the connection is gone. */
  query(statement: Statement): Promise<Answer>;
  /** Whether nothing can be asked any more. */
  isDead(): boolean;
  /** How many warnings the server has sent, such as that a commit did not wait for its standby. */
  warnings(): number;
  close(): void;
}

export interface ConnectionOptions {
  /** The session's name in the server's views. */
  readonly name: string;
  /** The server's parameters for the session. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** How long a connection may take, and how long an answer: a frozen server takes both and never speaks. */
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
}

/** The same session for statements whose answers may take no longer than this, unless they say so themselves. */
export const answeringWithin = <C extends Connection>(timeoutMs: number, connection: C): C => ({
  ...connection,
  query: (statement) => connection.query({ timeoutMs, ...statement }),
});

/** How long a session that is closed may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 1_000;
/** int8 fits into a number: no id, version or moment is above 2^53 - 1. */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
};

const refuse = (): never => {
  throw new NoPasswordError('it asks for a password, and none was given');
};

export async function connect(address: Address, host: Host, options: ConnectionOptions): Promise<Connection> {
  const ssl = tlsFor(address, host);
  try {
    return await open(address, host, options, ssl);
  } catch (error) {
    const hasNoTls = ssl && address.tls.mode === 'prefer' && /does not support SSL/.test((error as Error).message);
    if (!hasNoTls) throw error;
    return open(address, host, options, false);
  }
}

async function open(
  address: Address,
  host: Host,
  { name, settings, connectTimeoutMs, answerTimeoutMs }: ConnectionOptions,
  ssl: ReturnType<typeof tlsFor>,
): Promise<Connection> {
  const all = Object.entries(settings).map(([key, value]) => `-c ${key}=${value}`);
  const client = new pg.Client({
    host: host.host,
    port: host.port,
    user: address.user,
    database: address.database,
    // Without one the driver would look for it by itself, in another way.
    password: passwordFor(address, host) ?? refuse,
    ssl,
    application_name: name,
    options: [address.options, ...all].filter((it) => it !== undefined).join(' '),
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    types,
    pipeline: true,
  } as pg.ClientConfig);
  let isDead = false;
  let warnings = 0;
  const die = () => {
    isDead = true;
  };
  client.on('error', die);
  client.on('end', die);
  client.on('notice', ({ severity }) => {
    if (severity === 'WARNING') warnings++;
  });
  const destroy = () =>
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  try {
    await client.connect();
  } catch (error) {
    destroy();
    throw error;
  }

  return {
    isDead: () => isDead,
    warnings: () => warnings,
    async query({ text, values, name, timeoutMs }) {
      if (isDead) throw new ConnectionLostError('the connection was lost');
      try {
        const found = await client.query<unknown[]>({
          text,
          ...(values && { values: [...values] }),
          ...(name !== undefined && { name }),
          rowMode: 'array',
          ...(timeoutMs !== undefined && { query_timeout: timeoutMs }),
        });
        return { rows: found.rows, count: found.rowCount ?? 0, command: found.command };
      } catch (error) {
        const fault = toError(error, isDead);
        if (fault instanceof ConnectionLostError) {
          isDead = true;
          destroy();
        }
        throw fault;
      }
    },
    close() {
      if (isDead) return destroy();
      isDead = true;
      const timer = setTimeout(destroy, CLOSE_TIMEOUT_MS);
      client.end().then(
        () => clearTimeout(timer),
        () => clearTimeout(timer),
      );
    },
  };
}
