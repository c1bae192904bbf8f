import { formatHeader, formatRow } from '../../csv/format-row.ts';
import { LINES, type Lines } from '../../domain/lines.ts';
import { ask } from './ask.ts';
import { hasLine } from './lines.ts';
import { ExportPage, type IntercomFlatFilter } from './operations.ts';

/** More belong into the command, which reads all of one moment. */
export const MAX_EXPORTED = 100_000;

/** The flats that match, as a file that an import takes; no more than `MAX_EXPORTED`. */
export async function exportFlats(
  filter: IntercomFlatFilter,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const parts = [formatHeader(',')];
  let after: string | undefined;
  let rows = 0;
  do {
    const { intercomFlats: page } = await ask(ExportPage, { filter, after }, signal);
    for (const { flatId, flat, intercomId, intercom, properties, keys, users } of page?.nodes ?? []) {
      const { title, externalId, flatFrom, flatTo } = intercom ?? {};
      const row = {
        intercomId: Number(intercomId),
        flatId: Number(flatId),
        flat,
        lines: Object.fromEntries(LINES.map((it) => [it, hasLine(properties, it)])) as Lines,
        ...(keys.length > 0 && { keys: keys.map((it) => it.code) }),
        ...(users.length > 0 && { users: users.map((it) => it.login) }),
        ...(title !== undefined && { intercomTitle: title }),
        ...(externalId != null && { intercomExternalId: externalId }),
        ...(flatFrom != null && flatTo != null && { intercomRange: { from: flatFrom, to: flatTo } }),
      };
      parts.push(formatRow(row, ','));
      rows++;
    }
    onRows(rows);
    after = (page?.pageInfo.hasNextPage && page.pageInfo.endCursor) || undefined;
  } while (after !== undefined && rows < MAX_EXPORTED);
  return new Blob(parts, { type: 'text/csv' });
}
