// What the limits over HTTP share: nothing but node:http, written as its documentation has it, and the answer to the legacy
// PATCH. It knows neither bad input nor faults.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawFlat, RawInput } from './raw-update.ts';

/** Listens, prints the URL, and hands each update over with the response that its flat goes into. */
export function serveRaw(onUpdate: (input: RawInput, response: ServerResponse) => void): void {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { intercom_id, flat, is_analog_line_available } = JSON.parse(body);
      onUpdate({ intercomId: intercom_id, flat, analog: is_analog_line_available }, response);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`{"url":"http://127.0.0.1:${(server.address() as AddressInfo).port}"}\n`);
  });
}

export function answer(response: ServerResponse, flat: RawFlat | undefined): void {
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
