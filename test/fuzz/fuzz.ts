import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, count: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const only = values.only === undefined ? undefined : Number(values.only);
const count = only === undefined ? Number(values.count ?? 1_000_000) : 1;
const tell = (text: string) => process.stdout.write(`${text}\n`);

tell(`npm run fuzz -- --seed ${seed} ${only === undefined ? `--count ${count}` : `--only ${only}`}`);
const started = Date.now();
const { sent, findings, statuses, memory, slowest } = await runFuzz({
  seed,
  from: only ?? 0,
  count,
  onProgress: (done, megabytes) =>
    tell(`${done} inputs, ${Math.round((Date.now() - started) / 1_000)} s, server at ${megabytes} MB`),
  ...(only !== undefined && { times: 10, onAnswers: (answers) => tell(JSON.stringify(answers)) }),
});
for (const [what, times] of Object.entries(statuses).sort()) tell(`${what.padEnd(30)} ${times}`);
tell(`slowest: input ${slowest.index} (${slowest.kind}), ${slowest.ms} ms`);
for (const finding of findings) tell(finding);
tell(
  `${sent} inputs in ${Math.round((Date.now() - started) / 1_000)} s, ${findings.length} findings; memory ${memory.warm} MB when warm, ${memory.end} MB at the end`,
);
process.exitCode = findings.length > 0 ? 1 : 0;
