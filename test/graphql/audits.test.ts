import { serverAudits } from 'graphql-http';
import { expect, it } from 'vitest';
import { start } from '../support/start.ts';

it('passes every audit of GraphQL over HTTP', async () => {
  await using world = await start();
  const { authorization } = await world.bearer('read');
  const fetchFn: typeof fetch = (url, init) =>
    fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), authorization } });
  const audits = serverAudits({ url: `${world.url}/graphql`, fetchFn });
  expect(audits.length).toBeGreaterThan(60);
  const failed: unknown[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') failed.push([result.status, audit.name, result.reason]);
  }
  expect(failed).toEqual([]);
});
