import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { foldTitle, type Intercom } from '../../../domain/intercom.ts';
import { compile, expressions, placeholders } from '../compile.ts';
import { eq, sql } from '../drizzle.ts';
import { createIntercomFinder, type IntercomFinder } from '../read/find.ts';
import { intercoms } from '../tables.ts';

export interface IntercomQueries {
  readonly find: IntercomFinder;
  /** Creates an intercom and returns it with its id. */
  insert(intercom: Omit<Intercom, 'id'>): Intercom;
  update(intercom: Intercom): void;
  /** Hides an intercom, so that its external id is free for another one. */
  hide(id: number): void;
  reveal(id: number): void;
  /** Its flats must be gone. */
  delete(id: number): void;
}

/** What an intercom stores beside its id, in the order of `intercomValues`. */
export const INTERCOM_VALUES = ['title', 'titleFolded', 'externalId', 'flatFrom', 'flatTo'] as const;

export const intercomValues = ({ title, externalId, range }: Omit<Intercom, 'id'>) =>
  [title, foldTitle(title), externalId, range?.from ?? null, range?.to ?? null] as const;

/** Takes `intercomValues`, and the id. */
export const intercomUpdate = (client: Database, db: BetterSQLite3Database) =>
  compile(
    client,
    db
      .update(intercoms)
      .set(expressions(INTERCOM_VALUES))
      .where(eq(intercoms.id, sql.placeholder('id'))),
    [...INTERCOM_VALUES, 'id'],
  );

export function createIntercomQueries(client: Database, db: BetterSQLite3Database): IntercomQueries {
  const insert = compile(client, db.insert(intercoms).values(placeholders(INTERCOM_VALUES)), INTERCOM_VALUES);
  const update = intercomUpdate(client, db);
  const ofId = eq(intercoms.id, sql.placeholder('id'));
  const hide = compile(client, db.update(intercoms).set({ hidden: sql`1`, externalId: sql`null` }).where(ofId), ['id']);
  const reveal = compile(client, db.update(intercoms).set({ hidden: sql`0` }).where(ofId), ['id']);
  const remove = compile(client, db.delete(intercoms).where(eq(intercoms.id, sql.placeholder('id'))), ['id']);

  return {
    find: createIntercomFinder(client),
    insert: (intercom) => ({ ...intercom, id: Number(insert.run(...intercomValues(intercom)).lastInsertRowid) }),
    update: (intercom) => void update.run(...intercomValues(intercom), intercom.id),
    hide: (id) => void hide.run(id),
    reveal: (id) => void reveal.run(id),
    delete: (id) => void remove.run(id),
  };
}
