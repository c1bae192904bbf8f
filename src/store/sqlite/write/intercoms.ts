import type { Database } from 'better-sqlite3';
import { foldTitle, type Intercom } from '../../../domain/intercom.ts';
import { createIntercomFinder, type IntercomFinder } from '../read/find.ts';

export interface IntercomQueries {
  readonly find: IntercomFinder;
  /** Creates an intercom and returns it with its id. */
  insert(intercom: Omit<Intercom, 'id'>): Intercom;
  update(intercom: Intercom): void;
  /** Its flats must be gone. */
  delete(id: number): void;
}

export function createIntercomQueries(client: Database): IntercomQueries {
  const insert = client.prepare(
    'insert into intercoms (title, title_folded, external_id, flat_from, flat_to) values (@title, @titleFolded, @externalId, @from, @to)',
  );
  const update = client.prepare(
    'update intercoms set title = @title, title_folded = @titleFolded, external_id = @externalId, flat_from = @from, flat_to = @to where id = @id',
  );
  const remove = client.prepare('delete from intercoms where id = ?');

  const valuesOf = ({ title, externalId, range }: Omit<Intercom, 'id'>) => ({
    ...{ title, titleFolded: foldTitle(title), externalId },
    ...{ from: range?.from ?? null, to: range?.to ?? null },
  });

  return {
    find: createIntercomFinder(client),
    insert: (intercom) => ({ ...intercom, id: Number(insert.run(valuesOf(intercom)).lastInsertRowid) }),
    update: (intercom) => void update.run({ ...valuesOf(intercom), id: intercom.id }),
    delete: (id) => void remove.run(id),
  };
}
