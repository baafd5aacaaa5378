// A server on 127.0.0.1 with one file, for ADD of an address: always the same bytes and time.
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Downloads {
  /** `http://127.0.0.1:1234` */
  address: string;
  stop(): Promise<void>;
}

export async function startDownloads(): Promise<Downloads> {
  const server = http.createServer((request, response) => {
    const headers = { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT', etag: '"1"', 'content-length': '11' };
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304, headers).end();
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : 'downloaded\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
