import { ConfigError, configFromEnv } from './config.ts';
import { runService } from './run-service.ts';
import { CannotListen } from './serve.ts';
import { stopSignal } from './stop-signal.ts';
import { UnusableDatabase } from './store/store.ts';

try {
  await runService(configFromEnv(process.env), stopSignal());
} catch (error) {
  // What the operator can mend is told as a message, without a stack trace.
  if (!(error instanceof ConfigError || error instanceof UnusableDatabase || error instanceof CannotListen))
    throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
