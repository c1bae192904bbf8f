// The limit of a single update over HTTP: nothing but node:http, the driver and one commit for all updates that arrived
// in the same turn of the event loop, written as the documentation of both has it. It knows neither bad input nor faults.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Sqlite from 'better-sqlite3';
import { type RawFlat, rawUpdates } from './raw-update.ts';

const client = new Sqlite(process.argv[2]);
client.pragma('journal_mode = WAL');
client.pragma('synchronous = FULL');
const { update, writeCounts } = rawUpdates(client);

const waiting: { readonly body: string; readonly response: ServerResponse }[] = [];
const updateAll = client.transaction((jobs: typeof waiting) => {
  const flats = jobs.map(({ body }) => {
    const { intercom_id, flat, is_analog_line_available } = JSON.parse(body);
    return update('REST', { intercomId: intercom_id, flat, analog: is_analog_line_available })?.flat;
  });
  writeCounts();
  return flats;
});

function commit(): void {
  const jobs = waiting.splice(0);
  const flats = updateAll.immediate(jobs);
  jobs.forEach(({ response }, index) => {
    answer(response, flats[index]);
  });
}

function answer(response: ServerResponse, flat: RawFlat | undefined): void {
  if (!flat) {
    response.writeHead(422).end();
    return;
  }
  const body = JSON.stringify({
    id: flat.id,
    flat: flat.flat,
    key_count: flat.key_count,
    users_count: flat.users_count,
    intercom_id: flat.intercom_id,
    properties: {
      is_smartphone_sip_line_available: flat.smartphone_sip === 1,
      is_landline_sip_line_available: flat.landline_sip === 1,
      is_analog_line_available: flat.analog === 1,
    },
  });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    if (waiting.push({ body, response }) === 1) setImmediate(commit);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`{"url":"http://127.0.0.1:${(server.address() as AddressInfo).port}"}\n`);
});
