// The floor of the machine: node:http that reads a body and answers as many bytes as a `PATCH` gets, without any work.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY = JSON.stringify({
  id: 10,
  flat: 10,
  key_count: 2,
  users_count: 1,
  intercom_id: 1,
  properties: {
    is_smartphone_sip_line_available: true,
    is_landline_sip_line_available: true,
    is_analog_line_available: false,
  },
});

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(BODY) });
    response.end(BODY);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`{"url":"http://127.0.0.1:${(server.address() as AddressInfo).port}"}\n`);
});
process.on('SIGTERM', () => process.exit());
