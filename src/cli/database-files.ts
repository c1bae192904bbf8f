import type { Database } from '../store/open.ts';
import { BESIDE } from '../store/sqlite/file/files.ts';

/** The database and what SQLite keeps beside it: the files that no command may write by itself. */
export const databaseFiles = ({ file }: Database): readonly string[] => ['', ...BESIDE].map((suffix) => file + suffix);
