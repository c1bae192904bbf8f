import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParseArgsConfig } from 'node:util';

export type Options = NonNullable<ParseArgsConfig['options']>;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong when npm took options for its own because `--` was forgotten: it passes them on in variables, and not in the
 * arguments. `undefined` when it took none.
 *
 * Every command refuses those that must not get lost whether it has them or not. An option among the arguments got through.
 * What an .npmrc sets is for npm's own work, except `dry-run`: what was done for real cannot be undone.
 */
export function keptByNpm(options: Options, args: readonly string[], env: Env): string | undefined {
  const names = [...new Set(['dry-run', 'force', 'json', ...Object.keys(options)])];
  const kept = names.flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    if (value === undefined || value === '' || value === 'false') return [];
    if (args.some((it) => it.split('=')[0] === `--${name}`)) return [];
    const isInNpmrc = npmrcSets(name, env);
    if (isInNpmrc && name !== 'dry-run') return [];
    // npm takes an option that it does not know for a switch, and leaves its value among the arguments.
    return [{ name, isInNpmrc, isCut: value === 'true' && options[name]?.type === 'string', value }];
  });
  if (kept.length === 0) return undefined;
  const flags = kept
    .toSorted((a, b) => Number(a.isCut) - Number(b.isCut))
    .map(({ name, value }) => (value === 'true' ? `--${name}` : `--${name}=${value}`));
  const command = env['npm_lifecycle_event'] ?? 'COMMAND';
  const unset = kept.filter((it) => it.isInNpmrc).map(({ name }) => `--no-${name}`);
  return `npm kept ${kept.map(({ name }) => `--${name}`).join(' and ')} for itself. Write -- before the options: ${[`npm run ${command} --`, ...flags, ...args].join(' ')}
${unset.length > 0 ? `An .npmrc file sets it, too. To do without: npm run ${unset.join(' ')} ${command} -- ...\n` : ''}`;
}

function npmrcSets(name: string, env: Env): boolean {
  const prefix = env['npm_config_local_prefix'];
  return [env['npm_config_userconfig'], env['npm_config_globalconfig'], prefix && join(prefix, '.npmrc')].some(
    (file) => file && new RegExp(`^\\s*${name}\\s*(=|$)`, 'm').test(textOf(file)),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Most people have none of these files.
    return '';
  }
}
