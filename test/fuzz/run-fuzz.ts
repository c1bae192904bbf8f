import { readFileSync } from 'node:fs';
import { SCOPES } from '../../src/domain/caller.ts';
import { createToken } from '../../src/operations/tokens.ts';
import { openStore } from '../../src/store/open.ts';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { spawnNode } from '../support/spawn.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { disagreements } from './agreement.ts';
import type { Tokens } from './headers.ts';
import { inputAt } from './inputs.ts';
import { faultsIn } from './judge.ts';
import { FLATS_PER_INTERCOM, INTERCOMS } from './rest.ts';
import { type Answer, accepting, Client } from './wire.ts';

export interface Plan {
  readonly seed: number;
  /** Inputs from this index on. */
  readonly from: number;
  readonly count: number;
  /** How often each input is sent. */
  readonly times?: number;
  readonly onProgress?: (sent: number, megabytes: number) => void;
  readonly onAnswers?: (answers: readonly Answer[]) => void;
}

export interface Outcome {
  readonly sent: number;
  /** What was found, each with the input that it was found with. */
  readonly findings: readonly string[];
  /** How often each kind of input got each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The server's memory once it is warm, and at the end, in megabytes. */
  readonly memory: { readonly warm: number; readonly end: number };
  /** The input that took longest, with a dozen others beside it. */
  readonly slowest: { readonly index: number; readonly ms: number; readonly kind: string };
}

/** A server is warm after so many inputs, or half of them. */
const WARM_UP = 100_000;
/** From then on its memory may grow as much as the collector lets it, and no more. */
const mayHave = (warm: number): number => warm * 1.25 + 50;
const CLIENTS = 12;
/** How many findings are enough. */
const ENOUGH = 20;

/** Sends inputs to a service that runs as it does in production, and looks at every answer and at what is left behind. */
export async function runFuzz({ seed, from, count, times = 1, ...told }: Plan): Promise<Outcome> {
  await using folder = await tempFolder();
  const file = folder.file('flats.db');
  const tokens = await prepare(file);
  const port = await freePort();
  // Lines for each of a million requests would fill the memory of whoever reads them.
  const env = { DATABASE_URL: `file:${file}`, PORT: `${port}`, LOG_LEVEL: 'warn', GRAPHIQL: 'off', ...UNLIMITED };
  await using server = spawnNode('src/server.ts', [], env);
  await accepting(port);
  const findings: string[] = [];
  const statuses: Record<string, number> = {};
  const memory = { warm: 0, end: 0 };
  let slowest = { index: from, ms: 0, kind: '' };
  let next = from;
  let done = 0;

  const note = (index: number, what: string, bytes: string) =>
    findings.push(`input ${index} of seed ${seed}: ${what}\n  ${bytes.slice(0, 2_000)}`);
  const client = async () => {
    using connection = new Client(port);
    while (next < from + count && findings.length < ENOUGH) {
      const index = next++;
      const input = inputAt(seed, index, tokens);
      const bytes = () => JSON.stringify(Buffer.concat(input.pieces).toString('latin1'));
      try {
        for (let time = 0; time < times; time++) {
          const started = performance.now();
          const answers = await connection.send(input);
          const ms = Math.round(performance.now() - started);
          if (ms > slowest.ms) slowest = { index, ms, kind: input.kind };
          for (const { status } of answers) {
            const key = `${input.kind} ${status}`;
            statuses[key] = (statuses[key] ?? 0) + 1;
          }
          for (const what of faultsIn(input, answers, tokens)) note(index, `${input.kind}: ${what}`, bytes());
          told.onAnswers?.(answers);
        }
      } catch (error) {
        note(index, `${input.kind}: ${error}`, bytes());
        if (server.child.exitCode !== null || server.child.signalCode !== null) return;
      }
      done++;
      if (done === Math.min(WARM_UP, count >> 1)) memory.warm = megabytesOf(server.child.pid);
      if (done % 10_000 === 0) told.onProgress?.(done, megabytesOf(server.child.pid));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  if (server.child.exitCode !== null || server.child.signalCode !== null) {
    findings.push(`the process died: ${JSON.stringify(await server.exit)}`);
    return { sent: done, findings, statuses, memory, slowest };
  }
  memory.end = megabytesOf(server.child.pid);
  if (memory.warm > 0 && memory.end > mayHave(memory.warm))
    findings.push(`memory grew from ${memory.warm} MB to ${memory.end} MB`);
  server.child.kill('SIGTERM');
  const { code, stdout, stderr } = await server.exit;
  if (code !== 0 || stderr !== '') findings.push(`the process ended with ${code}: ${stderr}`);
  // What is logged beyond the start is a fault.
  for (const line of stdout
    .split('\n')
    .filter((it) => /"level":[56]0/.test(it))
    .slice(0, ENOUGH))
    findings.push(`logged: ${line}`);
  findings.push(...disagreements(file));
  return { sent: done, findings, statuses, memory, slowest };
}

/** Limits of the number of requests keep the rest of the service from being looked at. */
const UNLIMITED = { RATE_UNAUTHENTICATED: 'off', RATE_FAILED_AUTHENTICATIONS: 'off' };

async function prepare(file: string): Promise<Tokens> {
  await using store = openStore({ file });
  const flats = Array.from({ length: INTERCOMS * FLATS_PER_INTERCOM }, (_, i) => ({
    intercomId: 1 + Math.floor(i / FLATS_PER_INTERCOM),
    flat: 1 + (i % FLATS_PER_INTERCOM),
    lines: {},
    keys: [`K${i % 40}`],
    users: [`u${i % 40}`],
  }));
  await store.importRows(TESTER, flats);
  const tokens: Record<string, string> = {};
  for (const scope of SCOPES) {
    const created = await createToken(store, scope, scope);
    if (created.kind === 'refused') throw new Error(created.problem);
    tokens[scope] = created.token;
  }
  return tokens as Tokens;
}

function megabytesOf(pid: number | undefined): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
