import type { Database } from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Origin, ProvisionDraft } from '../../../domain/change.ts';
import { decideFlatId, type RowOutcome } from '../../../domain/import-decision.ts';
import type { FlatRow, IntercomRow, Row } from '../../../domain/import-row.ts';
import { ALL_AVAILABLE, LINES, patchLines } from '../../../domain/lines.ts';
import type { CallSet } from '../../change-set.ts';
import type { ImportOutcome } from '../../store.ts';
import { toLineColumns } from '../columns.ts';
import { compile, placeholders } from '../compile.ts';
import { and, eq, sql } from '../drizzle.ts';
import { lastIdOf } from '../sql-text.ts';
import { flats } from '../tables.ts';
import type { ChangeLog } from './change-log.ts';
import type { HiddenFlats } from './hidden-flats.ts';
import { createIntercomImporters } from './import-intercom.ts';
import { createLinkWriters } from './links.ts';

type ImportRows = (origin: Origin, rows: readonly Row[], call: CallSet, now: number) => ImportOutcome;

/**
 * Imports rows, inside one transaction: makes what is new, replaces the links that are given, and leaves the lines of a
 * known flat alone.
 */
export function createRowImport(
  client: Database,
  db: BetterSQLite3Database,
  hidden: HiddenFlats,
  log: ChangeLog,
): ImportRows {
  const flatByNumber = compile(
    client,
    db
      .select({ id: flats.id })
      .from(flats)
      .where(and(eq(flats.intercomId, sql.placeholder('intercomId')), eq(flats.flat, sql.placeholder('flat')))),
    ['intercomId', 'flat'],
  ).pluck();
  const flatById = compile(
    client,
    db
      .select({ id: flats.id })
      .from(flats)
      .where(eq(flats.id, sql.placeholder('id'))),
    ['id'],
  ).pluck();
  const names = ['id', 'intercomId', 'flat', ...LINES, 'version', 'updatedAt'] as const;
  const insertFlat = compile(client, db.insert(flats).values(placeholders(names)), names);
  const isUsed = (flatId: number): boolean => flatById.get(flatId) !== undefined;
  const lastId = client.prepare(lastIdOf(flats)).pluck();
  const beginLinks = createLinkWriters(client, db);
  const beginIntercoms = createIntercomImporters(client, db);

  /** What is half made or half deleted would be in the way. */
  function clear(rows: readonly Row[]): void {
    if (hidden.isEmpty()) return;
    for (const intercomId of new Set(rows.map((row) => row.intercomId))) hidden.clear(intercomId);
  }

  return (origin, rows, call, now) => {
    clear(rows);
    const intercoms = beginIntercoms();
    const links = beginLinks();
    const drafts: ProvisionDraft[] = [];
    let nextId = ((lastId.get() as number | undefined) ?? 0) + 1;

    function importFlat(row: FlatRow): RowOutcome {
      const known = flatByNumber.get(row.intercomId, row.flat) as number | undefined;
      const decision = decideFlatId(row, { known, nextId, isUsed });
      if (decision.kind === 'refused') return decision;
      const intercom = intercoms.import(row);
      if (intercom.kind === 'refused') return intercom;
      const { flatId } = decision;
      const { intercomId, flat, keys = [], users = [] } = row;
      const about = { reason: null, intercomId, flatId, flat } as const;
      if (decision.kind === 'existing') {
        const differences = links.replace(flatId, row);
        for (const it of differences) drafts.push({ ...about, ...it });
        return { kind: 'existing', flatId, intercom: intercom.kind, linksChanged: differences.length > 0 };
      }
      nextId = Math.max(nextId, flatId + 1);
      const lines = patchLines(ALL_AVAILABLE, row.lines);
      insertFlat.run(flatId, intercomId, flat, ...toLineColumns(lines), 1, now);
      links.add(flatId, row);
      drafts.push({ ...about, kind: 'FLAT_CREATED', lines, keys, users });
      return { kind: 'created', flatId, intercom: intercom.kind };
    }

    function importIntercom(row: IntercomRow): RowOutcome {
      const intercom = intercoms.import(row);
      return intercom.kind === 'refused' ? intercom : { kind: 'intercom', intercom: intercom.kind };
    }

    const outcomes = rows.map((row) => (row.flat === undefined ? importIntercom(row) : importFlat(row)));
    const ofIntercoms = intercoms.end();
    links.end();
    return { outcomes, changeSet: log.appendProvisions(origin, now, [...ofIntercoms, ...drafts], call) };
  };
}
