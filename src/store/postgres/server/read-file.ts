import { readFileSync } from 'node:fs';
import { UnusableDatabaseError } from '../../store.ts';

/** The content of a file that the configuration names. */
export function readNamedFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new UnusableDatabaseError(`Cannot read ${file}, which ${name} names (${code}).`, { cause: error });
  }
}
