import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFetchHttp } from '../../../electron/adapters/node/http.ts';

const http = createFetchHttp();

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const unreachable = expect.objectContaining({ code: 'CENTRAL_UNREACHABLE' }) as Error;

describe('HTTP to the server', () => {
  it('sends method, headers and body and gives the whole answer', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        response.writeHead(201, { 'content-type': 'application/json', 'X-Mark': 'zc' });
        response.end(JSON.stringify({ method: request.method, token: request.headers['x-token'], body }));
      });
    });
    const answer = await http.request({
      method: 'POST',
      url,
      headers: { 'x-token': 't' },
      body: '综窗',
      timeoutMs: 2000,
    });
    expect(answer).toMatchObject({ status: 201, contentType: 'application/json' });
    expect(answer.headers['x-mark']).toBe('zc');
    expect(JSON.parse(answer.body)).toEqual({ method: 'POST', token: 't', body: '综窗' });
  });

  it('shows a captive portal’s redirect instead of following it', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://login.invalid/' }).end(),
    );
    const answer = await http.request({ method: 'GET', url, headers: {}, timeoutMs: 2000 });
    expect(answer.status).toBe(302);
  });

  it('is CENTRAL_UNREACHABLE when nobody listens, and does not repeat the address', async () => {
    const failure = http.request({
      method: 'GET',
      url: 'http://127.0.0.1:1/secret',
      headers: {},
      timeoutMs: 2000,
    });
    await expect(failure).rejects.toThrow(unreachable);
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  it('is CENTRAL_UNREACHABLE when the answer does not come, stops in the middle, or is cut', async () => {
    const silent = await serve(() => undefined);
    const stalled = await serve((_, response) => response.writeHead(200).write('half'));
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    for (const url of [silent, stalled, cut]) {
      const began = Date.now();
      await expect(http.request({ method: 'GET', url, headers: {}, timeoutMs: 300 })).rejects.toThrow(
        unreachable,
      );
      expect(Date.now() - began).toBeLessThan(2000);
    }
  });

  it('ends a parked request at once when told to', async () => {
    const url = await serve(() => undefined);
    const end = new AbortController();
    const parked = http.request({ method: 'GET', url, headers: {}, timeoutMs: 60_000, signal: end.signal });
    setTimeout(() => end.abort(), 20);
    await expect(parked).rejects.toThrow(unreachable);
  });

  it('refuses an answer that is too long to be ours', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      const chunk = 'x'.repeat(1024 * 1024);
      for (let n = 0; n < 20; n += 1) response.write(chunk);
      response.end();
    });
    await expect(http.request({ method: 'GET', url, headers: {}, timeoutMs: 10_000 })).rejects.toThrow(
      unreachable,
    );
  });
});
