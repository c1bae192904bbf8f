// `npm run bench:beside`: how long single updates take beside heavy callers. `PATCH`es of the legacy route, 300 a second
// whatever the answers take, over 32 connections, on a million flats that no filter narrows; beside them one kind of heavy caller after
// another, each of which sends its next call as soon as the last is answered. The latency counts from the moment at which
// a `PATCH` was due.
//
//   --seconds N     how long each row takes, 8 by default
//   --only NAME     this row alone; may be repeated
//   --flats N       1,000,000 by default; at least 100,000
//   --server FILE   `src/server.ts` of another checkout, to be measured in turns with this one: before / after
//   --out FILE      write what is printed to a file as well
import { copyFile, open, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tempFolder } from '../support/temp-folder.ts';
import { checkoutOf, THIS_CHECKOUT } from './beside/checkout.ts';
import { createBesideDatabase } from './beside/database.ts';
import { HEAVY } from './beside/heavy.ts';
import { type Figures, measureBeside, measureFloor, type Side } from './beside/measure.ts';
import { latencyTable, type Row, useTable } from './beside/tables.ts';
import { fsyncTimes } from './fsync.ts';
import { fixed, median, whole } from './table.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    only: { type: 'string', multiple: true },
    flats: { type: 'string', default: '1000000' },
    server: { type: 'string' },
    out: { type: 'string' },
  },
});
const [seconds, flats] = [Number(values.seconds), Number(values.flats)];
const chosen = HEAVY.filter((it) => values.only?.includes(it.key) ?? true);
if (chosen.length < (values.only?.length ?? 1)) {
  throw new Error(`--only takes one of ${HEAVY.map((it) => it.key).join(', ')}`);
}

let printed = '';
function print(text: string): void {
  process.stdout.write(text);
  printed += text;
}

await using folder = await tempFolder();
try {
  const times = fsyncTimes(folder.file('fsync'), 500).toSorted((a, b) => a - b);
  print(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${availableParallelism()} cores of `);
  print(`${cpus()[0]?.model.trim()}, ${process.platform}, Node ${process.version}\n`);
  print(`fdatasync of 4 KiB: ${fixed(median(times))} ms (median), ${fixed(times[494] as number)} ms (p99)\n`);
  const sides = await createSides();
  print(`${whole(flats)} flats; ${seconds} s a row${sides.length > 1 ? '; before / after' : ''}\n\n`);
  const floors: Figures[] = [await measureFloor(flats, seconds)];
  const rows: Row[] = [];
  for (const [index, heavy] of chosen.entries()) {
    // Every other row begins with the other side, so that none always comes after the same one.
    const order = index % 2 === 0 ? sides : sides.toReversed();
    const figures = new Map<Side, Figures>();
    for (const side of order) {
      process.stderr.write(`${heavy.title}\n`);
      figures.set(side, await measureBeside(side, heavy, seconds));
    }
    rows.push({ heavy, sides: sides.map((it) => figures.get(it) as Figures) });
  }
  floors.push(await measureFloor(flats, seconds));
  print(`${latencyTable(rows, floors)}\n${useTable(rows, floors, seconds)}`);
  if (values.out) await writeFile(values.out, printed);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** This checkout alone, or after the other one, each on a copy of the same database. */
async function createSides(): Promise<readonly Side[]> {
  const checkouts = [...(values.server ? [checkoutOf(resolve(values.server))] : []), THIS_CHECKOUT];
  const first = folder.file('0.db');
  process.stderr.write('filling the database\n');
  const tokens = await createBesideDatabase(checkouts[0] ?? THIS_CHECKOUT, first, flats);
  const sides: Side[] = [];
  for (const [index, checkout] of checkouts.entries()) {
    const file = folder.file(`${index}.db`);
    if (index > 0) await copyFile(first, file);
    // What is still on its way to the disk would slow the first rows down.
    await using handle = await open(file, 'r+');
    await handle.sync();
    sides.push({ checkout, file, tokens, flats, sent: 0, callers: 0 });
  }
  return sides;
}
