import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CALLS, openApiDocument } from '../../server/api/openapi.ts';

const root = resolve(import.meta.dirname, '../..');
interface Schema {
  type?: string;
  properties?: Record<string, unknown>;
  required?: string[];
}
interface Operation {
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Record<string, { content: { 'application/json': { schema: Schema } } }>;
  security?: unknown[];
}

describe('the document the server gives about itself', () => {
  const document = openApiDocument('1.2.3') as {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, Operation>>;
  };

  it('names every call of the protocol, and which want a session', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
    expect(CALLS.map(({ path }) => path)).toEqual([
      '/v1/enrol',
      '/v1/challenge',
      '/v1/hello',
      '/v1/push',
      '/v1/pull',
      '/v1/snapshot',
      '/v1/want',
      '/v1/donate',
      '/v1/command',
      '/v1/hints',
      '/v1/hints/stream',
      '/v1/master',
      '/v1/master/{name}',
      '/v1/own',
      '/v1/carry',
      '/v1/health',
      '/metrics',
    ]);
    const closed = CALLS.filter(({ path, method }) => document.paths[path]?.[method]?.security).map(
      ({ path }) => path,
    );
    expect(closed).toEqual([
      '/v1/push',
      '/v1/pull',
      '/v1/snapshot',
      '/v1/want',
      '/v1/donate',
      '/v1/command',
      '/v1/hints',
      '/v1/hints/stream',
      '/v1/master',
      '/v1/master/{name}',
      '/v1/own',
      '/v1/carry',
    ]);
  });

  it('is made of the schemas that check the messages', () => {
    const push = document.paths['/v1/push']!['post']!;
    const request = push.requestBody!.content['application/json'].schema;
    expect(request.required).toEqual(['dev', 'inc', 'from', 'events']);
    expect(push.responses['default']!.content['application/json'].schema.properties).toHaveProperty(
      'expected',
    );
    expect(document.paths['/v1/enrol']!['post']!.responses).toHaveProperty('201');
    expect(JSON.stringify(document)).not.toContain('undefined');
  });
});

it('the server says the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(readFileSync(join(root, 'server/index.ts'), 'utf8')).toContain(`const VERSION = '${version}';`);
});
