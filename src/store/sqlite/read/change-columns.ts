import type { Change, Channel } from '../../../domain/change.ts';
import { LINES } from '../../../domain/lines.ts';
import { linesOfColumns } from '../rows.ts';
import { changes } from '../tables.ts';

const BEFORE = 8;
const AFTER = BEFORE + LINES.length;

/** What makes a `Change` out of `changes c`, in the order that `readChange` takes it. */
export const CHANGE_COLUMNS = [
  ...['seq', 'changed_at', 'actor', 'channel', 'reason', 'flat_id', 'intercom_id', 'flat'].map((name) => `c.${name}`),
  ...LINES.map((line) => `c.${changes[`before_${line}`].name}`),
  ...LINES.map((line) => `c.${changes[`after_${line}`].name}`),
].join(', ');

export function readChange(columns: readonly unknown[]): Change {
  const [seq, changedAt, actor, channel, reason, flatId, intercomId, flat] = columns as [
    ...[seq: number, changedAt: number, actor: string, channel: Channel, reason: string | null],
    ...[flatId: number, intercomId: number, flat: number],
  ];
  return {
    ...{ seq, changedAt, actor, channel, reason, flatId, intercomId, flat },
    before: linesOfColumns(columns, BEFORE),
    after: linesOfColumns(columns, AFTER),
  };
}
