import { readFileSync } from 'node:fs';

/** What the process needs beside its connections: those that are refused above the limit, and files of its own. */
const OTHER_FILES = 250;

/** How many files the process may open, and how many it needs for so many connections, when that is too few. */
export function tooFewFiles(connections: number): { readonly limit: number; readonly needed: number } | undefined {
  const limit = openFilesLimit();
  const needed = connections + OTHER_FILES;
  return limit !== undefined && limit < needed ? { limit, needed } : undefined;
}

/** Known on Linux alone; unlimited is `undefined`. Node has raised the soft limit as far as it may. */
function openFilesLimit(): number | undefined {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
