import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BUILDING, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const COMPILER = path('../../node_modules/relay-compiler/cli.js');
const SCHEMA = path('../../src/graphql/schema.graphql');

/** Compiles the fragments against a schema, and returns the documents of its operations by their names. */
async function compile(schema: string): Promise<ReadonlyMap<string, string>> {
  await using folder = await tempFolder();
  await mkdir(folder.file('src'));
  await copyFile(path('relay/lists.js'), folder.file('src/lists.js'));
  await writeFile(folder.file('schema.graphql'), schema);
  await writeFile(
    folder.file('relay.config.json'),
    '{"src":"./src","schema":"./schema.graphql","language":"javascript"}',
  );
  const options = { cwd: folder.file('.'), timeout: 120_000 };
  await promisify(execFile)(process.execPath, [COMPILER, '--noWatchman', '--output', 'quiet-with-errors'], options);
  const documents = new Map<string, string>();
  for (const file of await readdir(folder.file('src/__generated__'))) {
    const artifact = await readFile(folder.file(`src/__generated__/${file}`), 'utf8');
    const [, text] = /"text": (".*")/.exec(artifact) ?? [];
    if (text) documents.set(file.replace('.graphql.js', ''), JSON.parse(text) as string);
  }
  return documents;
}

it('every list can be paged by a fragment of its own, and its compiled queries are answered', async () => {
  const documents = await compile(await readFile(SCHEMA, 'utf8'));
  await using world = await start({ flats: BUILDING });
  await world.patch({ flat_id: 1, is_analog_line_available: false });
  const { data } = await world.gql(`{ intercom(by: { intercomId: 1 }) { id } changes { nodes { id } }
    intercomFlat(by: { flatId: 1 }) { id keys { id } users { id } } }`);
  const flat = data.intercomFlat;
  const variables: Readonly<Record<string, object>> = {
    lists_intercomFlatsQuery: { id: data.intercom.id, first: 1 },
    lists_flatChangesQuery: { id: flat.id, last: 1 },
    lists_flatsQuery: { first: 1, filter: { flatIds: [flat.id] } },
    lists_intercomsQuery: { first: 1 },
    lists_changesQuery: { last: 1 },
    lists_intercomQuery: { id: data.intercom.id },
    lists_keyQuery: { id: flat.keys[0].id },
    lists_userQuery: { id: flat.users[0].id },
    lists_changeQuery: { id: data.changes.nodes[0].id },
    lists_createIntercomMutation: { input: { title: 'New', flatFrom: 1, flatTo: 1 } },
    lists_updateIntercomFlatMutation: { input: { flatId: flat.id, isAnalogLineAvailable: true } },
    lists_deleteIntercomMutation: { input: { intercomId: 3 } },
  };
  expect([...documents.keys()].sort()).toEqual([...Object.keys(variables), 'lists_followSubscription'].sort());
  for (const [name, given] of Object.entries(variables)) {
    const answer = await world.gql(documents.get(name) as string, given);
    expect([name, answer.errors, Object.values(answer.data)]).toEqual([name, undefined, [expect.anything()]]);
  }
});

it('a list of a type without a global id could not be paged', async () => {
  const schema = (await readFile(SCHEMA, 'utf8')).replace('type IntercomFlat implements Node', 'type IntercomFlat');
  await expect(compile(schema)).rejects.toThrow(/@refetchable/);
});
