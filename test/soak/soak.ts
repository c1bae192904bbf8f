import { killRounds } from './kill-rounds.ts';
import { stopRounds } from './stop-rounds.ts';

// soak.ts [kill|stop] [rounds]
const args = process.argv.slice(2);
const isStop = args[0] === 'stop';
const rounds = Number(args.find((it) => /^\d+$/.test(it)) ?? (isStop ? 100 : 200));
const onRound = (round: number) => {
  if (round % 10 === 0) process.stdout.write(`${round} of ${rounds} rounds\n`);
};

if (isStop) {
  const { acknowledged, heavy, ended, resets, slowestStop, faults } = await stopRounds(rounds, onRound);
  process.stdout.write(
    `${acknowledged} updates and ${heavy} heavy calls acknowledged in ${rounds} rounds of SIGTERM, ${faults.length} faults; ${ended} requests met the end of their connection, ${resets} a reset; the slowest stop took ${slowestStop} ms\n`,
  );
  report(faults);
} else {
  const { acknowledged, heavy, losses } = await killRounds(rounds, onRound);
  process.stdout.write(
    `${acknowledged} updates and ${heavy} heavy calls acknowledged in ${rounds} rounds of kill -9, ${losses.length} lost\n`,
  );
  report(losses);
}

function report(faults: readonly string[]): void {
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
