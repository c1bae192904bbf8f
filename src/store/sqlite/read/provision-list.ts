import { type ChangeFilter, PROVISION_KINDS, type ProvisionKind } from '../../../domain/change.ts';
import { where } from '../../paging.ts';
import { toProvision } from '../../rows.ts';
import { PROVISION_COLUMNS, setOf } from '../columns.ts';
import { pc, text } from '../sql-text.ts';
import { provisionChanges } from '../tables.ts';
import { type LogSource, nextRow, type SeqSpan, valuesOf } from './log-source.ts';
import type { Statements, Values } from './query.ts';

/** A range of an index that has its rows in the order of the log, and what else they have to meet. */
interface Range {
  readonly from: string;
  readonly conditions: readonly string[];
  readonly values: Values;
}

const SEQ = text`${pc.seq}`;
const TABLE = text`${provisionChanges} ${pc}`;
const NEXT = nextRow(provisionChanges);
const IN_SPAN = text`${pc.seq} > @lower and ${pc.seq} < @upper`;
/** The rows with these seqs. */
export const PROVISIONS_BY_SEQ = text`select ${PROVISION_COLUMNS} from json_each(@ids) j cross join ${TABLE} not indexed on ${pc.seq} = j.value`;

/** Rows of `provision_changes`: the seqs that are wanted are found first, and then their rows are read. */
export const createProvisionSource = (statements: Statements): LogSource => ({
  next: NEXT,
  rows(filter, span, down, limit) {
    const order = `order by ${SEQ} ${down ? 'desc' : 'asc'} limit @limit`;
    const ranges = rangesOf(statements, filter);
    const seqs = ranges.flatMap((it) =>
      statements.rows(`select ${SEQ} ${textOf(it)} ${order}`, bound(it, span, limit)),
    );
    const wanted = seqs.map(([seq]) => seq as number).sort((a, b) => (down ? b - a : a - b));
    return statements.rows(PROVISIONS_BY_SEQ, { ids: JSON.stringify(wanted.slice(0, limit)) }).map(toProvision);
  },
  count: (filter, span, atMost) =>
    rangesOf(statements, filter).reduce(
      (sum, it) =>
        sum +
        statements.number(`select count(*) from (select 1 ${textOf(it)} limit @limit)`, bound(it, span, atMost - sum)),
      0,
    ),
});

const textOf = ({ from, conditions }: Range): string => `from ${from}${where([IN_SPAN, ...conditions])}`;
const bound = ({ values }: Range, span: SeqSpan, limit: number): Values => ({ ...values, ...span, limit });

const BY_FLAT = text`${TABLE} indexed by provision_changes_flat`;
const BY_INTERCOM = text`${TABLE} indexed by provision_changes_intercom`;
const BY_KIND = text`${TABLE} indexed by provision_changes_kind`;
const OF_INTERCOM = text`${pc.intercomId} = @intercomId`;
const IN_SET = `${setOf(pc.seq)} = @changeSet`;
const OF_ORIGIN = { actor: text`${pc.actor} = @actor`, channel: text`${pc.channel} = @channel` } as const;

/** Ranges that share no row. */
function rangesOf(statements: Statements, filter: ChangeFilter): readonly Range[] {
  const { intercomId, flatId, flatIn, changeSet, actor, channel } = filter;
  const kinds = PROVISION_KINDS.filter((it) => filter.kinds?.includes(it));
  const isEveryKind = kinds.length === PROVISION_KINDS.length;
  const values = valuesOf(filter);
  const conditions = [
    ...(changeSet === undefined ? [] : [IN_SET]),
    ...(['actor', 'channel'] as const).filter((it) => filter[it] !== undefined).map((it) => OF_ORIGIN[it]),
    ...(isEveryKind ? [] : [text`${pc.kind} in (${kinds.map((it) => `'${it}'`).join(', ')})`]),
  ];
  if (flatId !== undefined) {
    const ofIntercom = intercomId === undefined ? [] : [OF_INTERCOM];
    const { flatId: _, ...others } = values;
    return [
      { from: BY_FLAT, conditions: [text`${pc.flatId} = @flatId`, ...ofIntercom, ...conditions], values },
      ...(flatIn && (intercomId === undefined || intercomId === flatIn.intercomId)
        ? [{ from: BY_FLAT, conditions: [...MOVES_FLAT, ...conditions], values: { ...others, ...flatIn } }]
        : []),
    ];
  }
  if (intercomId !== undefined) return [{ from: BY_INTERCOM, conditions: [OF_INTERCOM, ...conditions], values }];
  if (changeSet !== undefined || (isEveryKind && actor === undefined && channel === undefined)) {
    return [{ from: text`${TABLE} not indexed`, conditions, values }];
  }
  return originsOf(statements)
    .filter((it) => kinds.includes(it.kind))
    .filter((it) => (actor ?? it.actor) === it.actor && (channel ?? it.channel) === it.channel)
    .map((it) => ({ from: BY_KIND, conditions: OF_ONE_ORIGIN, values: { ...it } }));
}

interface KindOrigin {
  readonly kind: ProvisionKind;
  readonly actor: string;
  readonly channel: string;
}

const OF_ONE_ORIGIN = [text`${pc.kind} = @kind`, OF_ORIGIN.actor, OF_ORIGIN.channel];

const NEXT_ORIGIN = text`select ${pc.kind}, ${pc.actor}, ${pc.channel} from ${BY_KIND}
  where (${pc.kind}, ${pc.actor}, ${pc.channel}) > (@kind, @actor, @channel)
  order by ${pc.kind}, ${pc.actor}, ${pc.channel} limit 1`;

/** Who has made changes of which kind, and through which channel; one index seek for each. */
export function originsOf({ rows }: Statements): readonly KindOrigin[] {
  const found: KindOrigin[] = [];
  for (let last = { kind: '', actor: '', channel: '' }; ; ) {
    const [row] = rows(NEXT_ORIGIN, last);
    if (!row) return found;
    const [kind, actor, channel] = row as [ProvisionKind, string, string];
    last = { kind, actor, channel };
    found.push({ kind, actor, channel });
  }
}

const has = (state: 'before' | 'after') =>
  text`coalesce(@flat between ${pc.details} ->> '$.${state}.range.from' and ${pc.details} ->> '$.${state}.range.to', 0)`;

/** The condition of `movesFlat`: of rows about a whole intercom, so they are few. */
const MOVES_FLAT = [
  text`${pc.flatId} is null and ${pc.intercomId} = @intercomId`,
  `((${has('after')} > ${has('before')} and ${text`${pc.details}`} ->> '$.flatsAdded' > 0)
    or (${has('before')} > ${has('after')} and ${text`${pc.details}`} ->> '$.flatsRemoved' > 0))`,
];
