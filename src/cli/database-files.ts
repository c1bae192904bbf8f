import type { Database } from '../store/open.ts';

/** The database and what SQLite keeps beside it: the files that no command may write by itself. */
export const databaseFiles = ({ file }: Database): readonly string[] => [file, `${file}-wal`, `${file}-shm`];
