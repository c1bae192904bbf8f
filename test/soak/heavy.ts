import { rows } from '../support/rows.ts';
import { until } from '../support/until.ts';

/** Flats of the second intercom, which are set together. */
const TOGETHER = 500;
/** Flats of an intercom that is created and deleted: more than one commit holds. */
const CREATED = 600;

/** Calls of many flats and lists, each sent when the last one is answered, until the server is gone. */
export interface HeavyCallers {
  /** Resolves when all have seen the end of the server. */
  readonly done: Promise<unknown>;
}

/** What heavy callers were told, over all rounds. */
export interface HeavyReport {
  /** The version that all flats of the second intercom have at least. */
  version: number;
  /** Calls that were answered as they should be. */
  answered: number;
  readonly faults: string[];
  /** The longest that one of them took. */
  slowestMs: number;
}

export const createHeavyReport = (): HeavyReport => ({ version: 1, answered: 0, faults: [], slowestMs: 0 });

/** What a server that stops may answer. */
const STOPPING = /"SHUTTING_DOWN"|"STORAGE_BUSY"/;

/** The flats of the three intercoms of a soak. */
export const flatsWith = (singles: number): readonly number[] => [singles, TOGETHER, 300];

/**
 * Sets all flats of the second intercom at once, and those of the third by a filter; creates and deletes an intercom of many flats; and
 * lists flats. Flats have the record ids from `firstFlat` on.
 */
export function callHeavily(url: string, round: number, firstFlat: number, report: HeavyReport): HeavyCallers {
  async function ask(query: string, variables: object = {}): Promise<string | undefined> {
    const asked = performance.now();
    const request = { method: 'POST', body: JSON.stringify({ query, variables }) };
    const response = await fetch(`${url}/graphql`, { ...request, headers: { 'content-type': 'application/json' } });
    const text = await response.text();
    if (response.status !== 200 || text.includes('"errors"') || text.includes('ValidationError')) {
      if (!STOPPING.test(text)) report.faults.push(`round ${round}: ${response.status} ${text.slice(0, 300)}`);
      return undefined;
    }
    report.answered++;
    report.slowestMs = Math.max(report.slowestMs, performance.now() - asked);
    return text;
  }

  /** Until a call has no good answer. */
  async function repeat(call: (turn: number) => Promise<string | undefined>): Promise<void> {
    try {
      for (let turn = 0; (await call(turn)) !== undefined; turn++);
    } catch {
      // The server is gone.
    }
  }

  const together = async (turn: number) => {
    const updates = Array.from({ length: TOGETHER }, (_, i) => ({
      flatId: firstFlat + i,
      isLandlineSipLineAvailable: (report.version + turn) % 2 === 0,
    }));
    const text = await ask(
      `mutation ($updates: [UpdateIntercomFlatInput!]!) { updateIntercomFlats(atomic: true, updates: $updates) {
        __typename ... on UpdateIntercomFlatSuccess { intercomFlat { version } } } }`,
      { updates },
    );
    const version = /"version":(\d+)/.exec(text ?? '')?.[1];
    if (version !== undefined) report.version = Number(version);
    return text;
  };
  const byFilter = (turn: number) =>
    ask(`mutation { updateIntercomFlatsWhere(input: { filter: { intercomId: 3 }, isLandlineSipLineAvailable: ${turn % 2 === 0} }) {
      __typename } }`);
  const externalId = (turn: number) => `${round}-${turn >> 1}`;
  const createAndDelete = (turn: number) =>
    turn % 2 === 0
      ? ask(`mutation { createIntercom(input: { title: "Soak", externalId: "${externalId(turn)}", flatFrom: 1, flatTo: ${CREATED} }) {
          __typename } }`)
      : ask(`mutation { deleteIntercom(input: { externalId: "${externalId(turn)}" }) { __typename } }`);
  const list = () =>
    ask('{ intercomFlats(first: 500, sort: UPDATED_AT_DESC) { totalCount edges { node { id version } } } }');
  return { done: Promise.all([together, byFilter, createAndDelete, list].map(repeat)) };
}

/** Waits until what a crash has left is swept. */
const swept = (file: string) =>
  until(() => (rows(file, 'select count(*) count from hidden_flats') as [{ count: number }])[0].count === 0);

/** What is wrong with a database whose server has started again: halves of what is all or nothing. */
export async function halves(file: string, { version }: HeavyReport): Promise<string[]> {
  await swept(file);
  const [set] = rows(
    file,
    'select min(version) lowest, max(version) highest, count(distinct landline_sip) states from flats where intercom_id = 2',
  ) as [{ lowest: number; highest: number; states: number }];
  const created = rows(
    file,
    `select intercoms.id, hidden, count(flats.id) flats from intercoms left join flats on intercom_id = intercoms.id
     where intercoms.id > 3 group by intercoms.id`,
  ) as { id: number; hidden: number; flats: number }[];
  return [
    ...(set.lowest !== set.highest || set.states !== 1 ? [`a half of an atomic call: ${JSON.stringify(set)}`] : []),
    ...(set.lowest < version ? [`the atomic call to version ${version} was lost: ${set.lowest}`] : []),
    ...created.filter((it) => it.hidden || it.flats !== CREATED).map((it) => `half an intercom: ${JSON.stringify(it)}`),
  ];
}
