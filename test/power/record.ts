import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REST_PATH } from '../../src/rest/address.ts';
import { spawnServer } from '../support/spawn.ts';

/** How many flats are updated, each by one client alone, so that the versions it is told only grow. */
export const FLATS = 64;
const CLIENTS = 8;

interface Place {
  /** 0 the database, 1 its log, 2 its rollback journal, 3 their folder. */
  readonly file: number;
  /** Where the record goes on after it. */
  readonly end: number;
}

/** What a process did to a file of the database. */
export type Operation =
  | (Place & { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer })
  | (Place & { readonly kind: 'truncate'; readonly length: number })
  | (Place & { readonly kind: 'sync' })
  | (Place & { readonly kind: 'unlink' });

/** An answer with 200, and how long the record was when it had come. */
export interface Acknowledged {
  readonly at: number;
  readonly flatId: number;
  readonly version: number;
}

export interface Recording {
  readonly operations: readonly Operation[];
  readonly acknowledged: readonly Acknowledged[];
  /** How long the record was when the flats were there. */
  readonly filledAt: number;
}

export interface RecordOptions {
  readonly updates: number;
  /** With `synchronous=NORMAL`, which loses what was acknowledged. */
  readonly unsafe: boolean;
}

/** Runs the server on a new database, updates flats, stops it, and tells what it did to the database's files. */
export async function recordLoad(
  folder: { file(name: string): string },
  { updates, unsafe }: RecordOptions,
): Promise<Recording> {
  const [library, record, file] = [folder.file('recorder.so'), folder.file('record'), folder.file('x.db')];
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-Wall',
    '-Werror',
    '-o',
    library,
    pathOf('recorder.c'),
    '-ldl',
    '-lpthread',
  ]);
  const size = () => (existsSync(record) ? statSync(record).size : 0);
  await using server = await spawnServer(file, {
    ...{ LD_PRELOAD: library, RECORD_FILES: file, RECORD_TO: record, LOG_LEVEL: 'info' },
    ...(unsafe && { NODE_OPTIONS: `--import ${pathOf('synchronous-normal.ts')}` }),
  });
  const query = `mutation { createIntercom(input: { title: "x", flatFrom: 1, flatTo: ${FLATS} }) { ... on CreateIntercomSuccess { flatCount: __typename } } }`;
  const headers = { 'content-type': 'application/json' };
  const made = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const answer = await made.text();
  if (!answer.includes('CreateIntercomSuccess')) throw new Error(`the flats were not made: ${answer}`);
  const filledAt = size();

  const acknowledged: Acknowledged[] = [];
  let sent = 0;
  const client = async (first: number) => {
    for (let round = 0; sent < updates; round++) {
      sent++;
      const flatId = 1 + ((first + round * CLIENTS) % FLATS);
      const isOn = Math.floor((round * CLIENTS) / FLATS) % 2 === 1;
      const body = JSON.stringify({ flat_id: flatId, is_analog_line_available: isOn });
      const response = await fetch(server.url + REST_PATH, { method: 'PATCH', body });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`an update was answered by ${response.status}`);
      acknowledged.push({ at: size(), flatId, version: Number(response.headers.get('etag')?.slice(1, -1)) });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
  server.child.kill('SIGTERM');
  await server.exit;
  return { operations: parse(readFileSync(record)), acknowledged, filledAt };
}

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const HEAD = 40;

function parse(record: Buffer): Operation[] {
  const operations: Operation[] = [];
  for (let at = 0; at < record.length; ) {
    const [kind, file, offset, length] = [0, 8, 16, 24].map((it) => Number(record.readBigInt64LE(at + it))) as [
      number,
      number,
      number,
      number,
    ];
    const bytes = record.subarray(at + HEAD, at + HEAD + length);
    at += HEAD + length;
    const place = { file: file - 1, end: at };
    if (kind === 1) operations.push({ ...place, kind: 'write', offset, bytes });
    else if (kind === 2) operations.push({ ...place, kind: 'truncate', length: offset });
    else operations.push({ ...place, kind: kind === 3 ? 'sync' : 'unlink' });
  }
  return operations;
}
