import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { itNeeds } from '../support/it-needs.ts';
import { BUILDING, start } from '../support/start.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Old callers as they are: a shell script around curl, and PHP with a stream context.

const run = promisify(execFile);

const ANSWER = {
  id: 1,
  flat: 10,
  key_count: 2,
  users_count: 1,
  intercom_id: 1,
  properties: {
    is_smartphone_sip_line_available: true,
    is_landline_sip_line_available: true,
    is_analog_line_available: false,
  },
};
const REFUSAL = {
  flat: ['Send either flat or flat_id, not both.', 'flat must be a whole number, 1 or more.'],
  flat_id: ['Send either flat_id or flat, not both.', 'flat_id must be a whole number, 1 or more.'],
  intercom_id: ['intercom_id must be a whole number, 1 or more.'],
};

describe('a shell script', () => {
  const curl = async (url: string, json: string, ...more: string[]) => {
    const { stdout } = await run('curl', [
      ...['-s', '-k', '--request', 'PATCH', '--url', `${url}/api/v1/billing/intercom-flats`],
      ...['--header', 'Accept: application/json', ...more, '--data', json, '--write-out', '\n%{http_code}'],
    ]);
    const [body = '', status] = stdout.split('\n');
    return { status, body: JSON.parse(body) };
  };
  const jsonHeader = ['--header', 'Content-Type: application/json'];

  itNeeds('curl', 'curl')('sets a line', async () => {
    await using world = await start({ flats: BUILDING });
    const json = '{ "intercom_id": 1, "flat": 10, "is_analog_line_available": false }';
    expect(await curl(world.url, json, ...jsonHeader)).toEqual({ status: '200', body: ANSWER });
    expect(await curl(world.url, json)).toEqual({ status: '200', body: ANSWER });
  });

  itNeeds('curl', 'curl')('reads a flat, and its version for the update that follows', async () => {
    await using world = await start({ flats: BUILDING });
    const script = `
address="$1/api/v1/billing/intercom-flats"
etag=$(curl -s --fail --get --data intercom_id=1 --data flat=10 --dump-header - --output flat.json "$address" | tr -d '\\r' | sed -n 's/^ETag: //p')
grep -q '"is_analog_line_available":true' flat.json
update() { curl -s -X PATCH -H "If-Match: $etag" -d 'flat_id=1&is_analog_line_available=False' -o /dev/null -w '%{http_code} ' "$address"; }
update; update; curl -s --head "$address?flat_id=1" | grep -c '^ETag: "2"'`;
    await using folder = await tempFolder();
    const { stdout } = await run('sh', ['-euc', script, 'sh', world.url], { cwd: folder.path });
    expect(stdout).toBe('200 412 1\n');
  });

  itNeeds('curl', 'curl')('is told when it sends both names of a flat', async () => {
    await using world = await start({ flats: BUILDING });
    const json = '{"intercom_id":0,"flat":0,"flat_id":0,"is_analog_line_available":true}';
    expect(await curl(world.url, json, ...jsonHeader)).toMatchObject({ status: '422', body: { errors: REFUSAL } });
  });
});

describe('a PHP script', () => {
  const php = async (url: string, fields: string, options = '') => {
    await using folder = await tempFolder();
    const script = folder.file('client.php');
    await writeFile(
      script,
      `<?php
$options = ['http' => [
  'method' => 'PATCH',
  'header' => "Content-Type: application/json\\r\\nAccept: application/json",
  'content' => json_encode(${fields}),
  'ignore_errors' => true,
  ${options}
]];
$body = file_get_contents('${url}/api/v1/billing/intercom-flats', false, stream_context_create($options));
echo json_encode(['status' => $http_response_header[0], 'body' => json_decode($body, true)]);
`,
    );
    return JSON.parse((await run('php', [script])).stdout);
  };

  itNeeds('php', 'php-cli')('sets a line and is told when it sends both names of a flat', async () => {
    await using world = await start({ flats: BUILDING });
    expect(await php(world.url, "['intercom_id' => 1, 'flat' => '10', 'is_analog_line_available' => false]")).toEqual({
      status: 'HTTP/1.1 200 OK',
      body: ANSWER,
    });
    expect(
      await php(world.url, "['intercom_id' => 0, 'flat' => 0, 'flat_id' => 0, 'is_analog_line_available' => true]"),
    ).toMatchObject({ status: 'HTTP/1.1 422 Unprocessable Entity', body: { errors: REFUSAL } });
  });

  itNeeds('php', 'php-cli')('reads a flat before it writes, from a trusted network', async () => {
    await using world = await start({ flats: BUILDING, trustedNetworks: ['127.0.0.0/8'] });
    await world.bearer('read');
    const script = `
$address = '${world.url}/api/v1/billing/intercom-flats';
$flat = json_decode(file_get_contents($address . '?' . http_build_query(['intercom_id' => 1, 'flat' => 10])), true);
$options = ['method' => 'PATCH', 'ignore_errors' => true,
  'header' => 'Content-Type: application/x-www-form-urlencoded',
  'content' => http_build_query(['flat_id' => $flat['id'],
    'is_analog_line_available' => var_export(!$flat['properties']['is_analog_line_available'], true)])];
echo file_get_contents($address, false, stream_context_create(['http' => $options]));`;
    expect(JSON.parse((await run('php', ['-r', script])).stdout)).toEqual(ANSWER);
  });

  itNeeds('php', 'php-cli')('may speak HTTP/1.0 from a trusted network, as PHP before 8 does', async () => {
    await using world = await start({ flats: BUILDING, trustedNetworks: ['127.0.0.0/8'] });
    await world.bearer('read');
    const fields = "['intercom_id' => 1, 'flat' => 10, 'is_analog_line_available' => false]";
    expect(await php(world.url, fields, "'protocol_version' => 1.0,")).toEqual({
      status: 'HTTP/1.1 200 OK',
      body: ANSWER,
    });
  });
});
