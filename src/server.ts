import { CannotListen, Unguarded } from './http/server/listen.ts';
import { ConfigError, configFromEnv } from './service/config.ts';
import { runService } from './service/run-service.ts';
import { stopSignal } from './service/stop-signal.ts';
import { UnusableDatabase } from './store/store.ts';

// Whatever the program makes holds what only its owner may read.
process.umask(0o077);

try {
  await runService(configFromEnv(process.env), stopSignal());
} catch (error) {
  // What the operator can mend is told as a message, without a stack trace.
  if (![ConfigError, UnusableDatabase, CannotListen, Unguarded].some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
