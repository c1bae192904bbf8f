import { gql } from '@apollo/client';
import { EventSource } from 'eventsource';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { freePort } from '../support/free-port.ts';
import { TESTER } from '../support/origin.ts';
import { spawnServer } from '../support/spawn.ts';
import { BUILDING } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { createApolloClient } from './clients/apollo.ts';
import { follow as followEventSource } from './clients/event-source.ts';
import { follow as followFetch } from './clients/fetch.ts';
import { createUrqlClient } from './clients/urql.ts';

const QUERY = 'subscription ($after: String) { intercomFlatChanged(after: $after) { cursor flatId } }';

interface Data {
  readonly intercomFlatChanged: { readonly flatId: string };
}

/** Each client of the README, by name: starts it, and calls `onChange` with the flat of each change. Returns its end. */
const CLIENTS: Readonly<
  Record<string, (url: string, after: string, onChange: (flatId: string) => void) => () => void>
> = {
  fetch(url, after, onChange) {
    const end = new AbortController();
    followFetch(url, after, ({ flatId }) => onChange(flatId), end.signal);
    return () => end.abort();
  },
  EventSource(url, _, onChange) {
    const source = followEventSource(
      url,
      (it) => onChange((it as Data['intercomFlatChanged']).flatId),
      EventSource as never,
    );
    return () => source.close();
  },
  urql(url, after, onChange) {
    const { unsubscribe } = createUrqlClient(url)
      .subscription<Data>(QUERY, { after })
      .subscribe(({ data }) => data && onChange(data.intercomFlatChanged.flatId));
    return unsubscribe;
  },
  'Apollo Client'(url, after, onChange) {
    const subscription = createApolloClient(url)
      .subscribe<Data>({ query: gql(QUERY), variables: { after } })
      .subscribe(({ data }) => data && onChange(data.intercomFlatChanged.flatId));
    return () => subscription.unsubscribe();
  },
};

it('every client of the README sees each change once, over a kill and a restart of the service', async () => {
  await using folder = await tempFolder();
  const file = folder.file('x.db');
  const env = { PORT: String(await freePort()) };
  {
    await using store = openStore({ file });
    await store.importRows(TESTER, BUILDING);
  }
  const patch = (url: string, flatId: number) =>
    fetch(`${url}/api/v1/billing/intercom-flats`, {
      method: 'PATCH',
      body: JSON.stringify({ flat_id: flatId, is_analog_line_available: false }),
    });
  const seen = Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, [] as string[]]));
  const all = (flats: readonly string[]) => Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, flats]));
  const ends: (() => void)[] = [];
  try {
    {
      await using server = await spawnServer(file, env);
      const head = await (await fetch(`${server.url}/graphql?query=${encodeURIComponent('{ changesHead }')}`)).json();
      for (const [name, follow] of Object.entries(CLIENTS)) {
        ends.push(follow(`${server.url}/graphql`, head.data.changesHead, (flatId) => seen[name]?.push(flatId)));
      }
      const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
      await until(async () => /subscribers (\d+)/.exec(await metrics())?.[1] === String(ends.length));
      await patch(server.url, 1);
      await until(() => Object.values(seen).every((it) => it.length === 1));
    }
    await using server = await spawnServer(file, env);
    await patch(server.url, 2);
    await until(() => Object.values(seen).every((it) => it.length === 2));
    await patch(server.url, 3);
    await until(() => Object.values(seen).every((it) => it.length === 3));
    expect(seen).toEqual(all(['1', '2', '3']));
  } finally {
    for (const end of ends) end();
  }
});
