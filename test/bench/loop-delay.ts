// Loaded into the server before its own code (`--import`): measures how late the event loop is, inside the process it
// happens in. The first SIGUSR2 starts the measurement; the second ends it and prints the 99th percentile to stderr, in
// milliseconds. The clock of one millisecond that it looks at is part of the figure.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
process.once('SIGUSR2', () => {
  delay.enable();
  process.once('SIGUSR2', () => {
    delay.disable();
    process.stderr.write(`{"loopDelayP99":${delay.percentile(99) / 1e6}}\n`);
  });
});
