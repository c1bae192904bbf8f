import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../support/postgres.ts';
import { type Stream, subscribe } from '../support/sse.ts';
import { until } from '../support/until.ts';

const CALLERS = 16;
const CREATE = `mutation { it: createIntercom(input: { title: "Drill", flatFrom: 1, flatTo: ${2 * CALLERS} }) { __typename } }`;
const UPDATE = `mutation ($flat: Int!, $value: Boolean!, $reason: String!) {
  it: updateIntercomFlat(input: { intercomId: 1, flat: $flat, isAnalogLineAvailable: $value, reason: $reason }) {
    __typename
    ... on UpdateIntercomFlatSuccess { change { cursor } }
  }
}`;
const FOLLOW =
  'subscription ($after: String) { it: intercomFlatChanged(intercomId: 1, after: $after) { cursor reason } }';
/** Every answer comes sooner, or the connection is lost. */
const ANSWER_MS = 30_000;

interface Answer {
  readonly data?: { readonly it: { readonly change?: { readonly cursor: string } | null } | null } | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** Callers of both instances, each of which switches a flat of its own, and a follower of each instance. */
export async function createCallers(urls: readonly string[]) {
  const answers = new Map<string, string>();
  const times: number[] = [];
  /** When each instance has answered last. */
  const lastTimes = urls.map(() => 0);
  const events = urls.map((): string[] => []);
  const streams: (Stream | undefined)[] = [];
  let isOver = false;
  let isFollowed = false;

  async function ask(url: string, document: string, variables: object = {}): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      // A connection of its own: nginx closes those that it has kept when it is reloaded.
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query: document, variables }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return (await response.json()) as Answer;
  }

  async function outcomeOf(url: string, instance: number, variables: object): Promise<string> {
    try {
      const { data, errors } = await ask(url, UPDATE, variables);
      if (errors) return errors[0]?.extensions.code ?? 'fault';
      times.push(performance.now());
      lastTimes[instance] = performance.now();
      return data?.it?.change ? 'stored' : 'kept';
    } catch {
      // The instance is gone, and with it the answer.
      await sleep(20);
      return 'OUTCOME_UNKNOWN';
    }
  }

  async function call(url: string, instance: number, caller: number): Promise<void> {
    for (let round = 0; !isOver; round++) {
      const reason = `${instance}.${caller}.${round}`;
      const flat = 1 + instance * CALLERS + caller;
      answers.set(reason, await outcomeOf(url, instance, { flat, value: round % 2 === 1, reason }));
    }
  }

  async function follow(url: string, index: number): Promise<void> {
    let after: string | null = null;
    while (!isFollowed) {
      try {
        const stream = await subscribe(url, FOLLOW, { after: after ?? START });
        streams[index] = stream;
        for await (const { data } of stream.events) {
          const { cursor, reason } = (data as unknown as { it: { cursor: string; reason: string } }).it;
          after = cursor;
          events[index]?.push(reason);
        }
      } catch {
        // A client resumes after the last event that it has.
      }
      await sleep(50);
    }
  }

  const [url = ''] = urls;
  const START = ((await ask(url, '{ it: changesHead }')) as unknown as { data: { it: string } }).data.it;
  await ask(url, CREATE);
  const following = urls.map(follow);
  const calling = urls.flatMap((it, instance) =>
    Array.from({ length: CALLERS }, (_, caller) => call(it, instance, caller)),
  );

  return {
    /** Whether every instance has answered after a moment. */
    areBack: (time: number) => lastTimes.every((it) => it > time),
    /** Resolves after a time in which each caller was answered several times, on average. */
    async load(ms: number): Promise<void> {
      const goal = times.length + 4 * calling.length;
      await Promise.all([sleep(ms), until(() => times.length >= goal)]);
    },
    /** Ends the callers, and compares what they were told with the table. */
    async end(database: string) {
      isOver = true;
      await Promise.all(calling);
      const { rows } = await query(database, 'select reason from changes order by seq');
      const stored = rows.map(({ reason }: { reason: string }) => reason);
      const known = new Set(stored);
      for (let tries = 0; tries < 1_200 && events.some((it) => it.length < stored.length); tries++) await sleep(50);
      isFollowed = true;
      for (const it of streams) it?.close();
      await Promise.all(following);
      const told = Map.groupBy(answers.keys(), (it) => answers.get(it) as string);
      const of = (outcome: string) => told.get(outcome) ?? [];
      const problems: Readonly<Record<string, number>> = {
        'acknowledged and lost': of('stored').filter((it) => !known.has(it)).length,
        'refused as busy and stored': of('STORAGE_BUSY').filter((it) => known.has(it)).length,
        'stored twice': stored.length - known.size,
        'answered in another way':
          answers.size - ['stored', 'kept', 'STORAGE_BUSY', 'OUTCOME_UNKNOWN'].flatMap(of).length,
        'followers that differ': events.filter((it) => it.join() !== stored.join()).length,
      };
      const pause = Math.max(...times.map((it, index) => it - (times[index - 1] ?? it)));
      const unknown = of('OUTCOME_UNKNOWN');
      return {
        failed: of('STORAGE_BUSY').length + unknown.length,
        isGood: Object.values(problems).every((it) => it === 0),
        text: `${of('stored').length} acknowledged, ${of('STORAGE_BUSY').length} busy, ${unknown.length} unknown (${unknown.filter((it) => known.has(it)).length} of them stored)
${Object.entries(problems)
  .map(([problem, count]) => `${problem}: ${count}\n`)
  .join('')}longest time without an answer: ${Math.round(pause)} ms
`,
      };
    },
  };
}
