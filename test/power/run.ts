import { parseArgs } from 'node:util';
import { powerLoss } from './power-loss.ts';

const { values } = parseArgs({
  options: {
    ...{ seed: { type: 'string' }, updates: { type: 'string' }, disks: { type: 'string' } },
    unsafe: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const updates = Number(values.updates ?? 5_000);
const disks = Number(values.disks ?? 5_000);
const tell = (text: string) => process.stdout.write(`${text}\n`);

tell(`npm run power-loss -- --seed ${seed} --updates ${updates} --disks ${disks}${values.unsafe ? ' --unsafe' : ''}`);
const report = await powerLoss({
  ...{ seed, updates, disks, unsafe: values.unsafe === true },
  onDisk: (disk) => disk % 500 === 0 && tell(`${disk} disks`),
});
for (const it of report.losses.slice(0, 20)) tell(it);
const fates = Object.entries(report.disks).map(([fate, count]) => `${count} ${fate}`);
tell(
  `${report.acknowledged} updates acknowledged; disks with unsynced writes ${fates.join(', ')}; ${report.losses.length} faults`,
);
process.exitCode = report.losses.length > 0 ? 1 : 0;
