import { killRounds } from './kill-rounds.ts';

const rounds = Number(process.argv[2] ?? 200);
const report = await killRounds(rounds, (round) => {
  if (round % 10 === 0) process.stdout.write(`${round} of ${rounds} rounds\n`);
});
process.stdout.write(
  `${report.acknowledged} updates acknowledged in ${rounds} rounds of kill -9, ${report.losses.length} lost\n`,
);
for (const loss of report.losses) process.stdout.write(`${loss}\n`);
process.exitCode = report.losses.length > 0 ? 1 : 0;
