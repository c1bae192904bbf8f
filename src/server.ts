import { CannotListenError, NoTokenError } from './http/server/listen.ts';
import { ConfigError, configFromEnv } from './service/config.ts';
import { runService } from './service/run-service.ts';
import { createStopSignal } from './service/stop-signal.ts';
import { UnusableDatabaseError } from './store/store.ts';

// Files of the program are private to their owner.
process.umask(0o077);

try {
  await runService(configFromEnv(process.env), createStopSignal());
} catch (error) {
  // What the operator can correct is printed as a message, without a stack trace.
  if (![ConfigError, UnusableDatabaseError, CannotListenError, NoTokenError].some((kind) => error instanceof kind))
    throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
