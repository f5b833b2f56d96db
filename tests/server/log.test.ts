import { describe, expect, it } from 'vitest';
import { createServerLog } from '../../server/api/log.ts';

describe('the server’s log', () => {
  it('is one JSON object a line, with every number of a person masked', () => {
    const lines: string[] = [];
    const log = createServerLog((line) => lines.push(line));
    log('warning', 'refused 110101190001017777', {
      reason: '电话 13800001111',
      nested: { of: ['110101190001017777'] },
      ms: 12,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'warning', text: 'refused 1101****7777', ms: 12 });
    expect(lines[0]).not.toContain('110101190001017777');
    expect(lines[0]).not.toContain('13800001111');
  });
});
