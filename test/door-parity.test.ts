import { describe, expect, it } from 'vitest';
import { BUILDING, start, type World } from './support/start.ts';

// What both doors can express gets the same verdict at both, and leaves the same behind.

interface Input {
  readonly intercom?: unknown;
  readonly flat?: unknown;
  readonly id?: unknown;
  readonly smartphone?: unknown;
  readonly landline?: unknown;
  readonly analog?: unknown;
  /** `expectedVersion` there, `If-Match` here. */
  readonly version?: number;
}

const INPUTS: readonly [string, Input][] = [
  ['by number', { intercom: 1, flat: 10, analog: false }],
  ['by record id', { id: 1, analog: false }],
  ['by record id and its intercom', { intercom: 1, id: 2, landline: true, smartphone: false }],
  ['ids as text', { intercom: '1', flat: 10, analog: false }],
  ['ids as text with a sign and spaces', { id: ' +2 ', analog: false }],
  ['no line', { id: 1 }],
  ['lines that are so already', { id: 2, landline: false }],
  ['null ids beside a good one', { intercom: null, flat: null, id: 3, analog: false }],
  ['the version it has', { id: 1, analog: false, version: 1 }],
  ['a version it does not have', { id: 1, analog: false, version: 2 }],
  ['a version, for a flat that is not there', { id: 99, version: 2 }],
  ['both', { intercom: 1, flat: 10, id: 1, analog: false }],
  ['both, all zero', { intercom: 0, flat: 0, id: 0 }],
  ['neither', { intercom: 1, analog: false }],
  ['nothing', {}],
  ['number without an intercom', { flat: 10, analog: false }],
  ['zero', { intercom: 1, flat: 0 }],
  ['negative', { id: -1, analog: false }],
  ['text that is no number', { id: 'x' }],
  ['text with a leading zero', { id: '01' }],
  ['text with a fraction', { intercom: '1.0', flat: 10 }],
  ['beyond 2^53', { id: '9007199254740992' }],
  ['null for a line', { id: 1, smartphone: false, analog: null }],
  ['null for every line, and no flat', { smartphone: null, landline: null, analog: null }],
  ['unknown intercom', { intercom: 9, flat: 10, analog: false }],
  ['unknown number', { intercom: 1, flat: 99, analog: false }],
  ['unknown record id', { id: 99, analog: false }],
  ['unknown record id on an unknown intercom', { intercom: 9, id: 99 }],
  ['record id on another intercom', { intercom: 2, id: 1, analog: false }],
];

const REST = {
  intercom: 'intercom_id',
  flat: 'flat',
  id: 'flat_id',
  smartphone: 'is_smartphone_sip_line_available',
  landline: 'is_landline_sip_line_available',
  analog: 'is_analog_line_available',
};
const GQL = {
  intercom: 'intercomId',
  flat: 'flat',
  id: 'flatId',
  smartphone: 'isSmartphoneSipLineAvailable',
  landline: 'isLandlineSipLineAvailable',
  analog: 'isAnalogLineAvailable',
};

/** The input in a door's spelling. */
const spell = ({ version: _, ...fields }: Input, names: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name], value]));

/** A door's verdict in words that belong to neither. */
type Verdict = object;

async function byRest(world: World, input: Input): Promise<Verdict> {
  const answer = await world.patch(
    spell(input, REST),
    input.version === undefined ? {} : { 'if-match': `"${input.version}"` },
  );
  const body = answer.body as Record<string, never>;
  if (answer.status === 412) return { conflict: answer.headers.get('etag') };
  if (answer.status === 422) return { refused: spellAll(body['errors'], REST) };
  return { id: body['id'], lines: Object.values(body['properties'] ?? {}), version: answer.headers.get('etag') };
}

async function byGraphql(world: World, input: Input): Promise<Verdict> {
  const more = input.version === undefined ? {} : { expectedVersion: input.version };
  const { data } = await world.gql(
    `mutation ($input: UpdateIntercomFlatInput!) { updateIntercomFlat(input: $input) {
      ... on UpdateIntercomFlatSuccess { intercomFlat { flatId version properties {
        isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable } } }
      ... on ValidationError { fields { field message } }
      ... on VersionConflict { current { version } }
    } }`,
    { input: { ...spell(input, GQL), ...more } },
  );
  const { intercomFlat, fields, current } = data.updateIntercomFlat;
  if (current) return { conflict: `"${current.version}"` };
  if (fields) {
    const errors: Record<string, string[]> = {};
    for (const { field, message } of fields) errors[field] = [...(errors[field] ?? []), message];
    return { refused: spellAll(errors, GQL) };
  }
  return {
    id: Number(intercomFlat.flatId),
    lines: Object.values(intercomFlat.properties),
    version: `"${intercomFlat.version}"`,
  };
}

/** Field errors with the door's spellings turned back into the table's. */
function spellAll(errors: Record<string, string[]> | undefined, names: Record<string, string>): object {
  const back = (text: string) =>
    Object.entries(names)
      .sort(([, a], [, b]) => b.length - a.length)
      .reduce((it, [name, spelling]) => it.replaceAll(new RegExp(`\\b${spelling}\\b`, 'g'), `<${name}>`), text);
  return Object.fromEntries(Object.entries(errors ?? {}).map(([key, texts]) => [back(key), texts.map(back)]));
}

describe('both doors agree on', () => {
  it.each(INPUTS)('%s', async (_, input) => {
    await using rest = await start({ flats: BUILDING });
    await using graphql = await start({ flats: BUILDING });
    expect(await byRest(rest, input)).toEqual(await byGraphql(graphql, input));
    const state = async (world: World) => [
      await world.rows('select * from flats order by id'),
      (await world.rows('select * from changes')).map((row) => ({ ...row, channel: '' })),
    ];
    expect(await state(rest)).toEqual(await state(graphql));
  });
});
