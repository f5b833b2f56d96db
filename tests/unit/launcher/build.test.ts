import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { checkout } from './checkout.ts';

/** Stands for both bundlers: notes what it is asked for and writes what it should; fails when the source says so. */
const BUNDLER = `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const config = process.argv.find((arg) => arg.endsWith('.ts'));
  const target = process.env.ZONGCHUANG_BUILD || config.split('/').at(-2).replace('electron', '');
  const name = target === 'electron' ? 'main' : target;
  appendFileSync('built', target + '\\n');
  if (target === 'server' && readFileSync('server/index.ts', 'utf8') === 'broken') {
    console.error('server/index.ts:1 is broken');
    process.exit(1);
  }
  setTimeout(() => {
    mkdirSync('out/' + name, { recursive: true });
    writeFileSync('out/' + name + (name === 'renderer' ? '/index.html' : '/index.js'), '');
  }, 100);
`;

const setUp = async () => {
  const project = checkout({
    'node_modules/vite/package.json': '{"type":"commonjs"}',
    'node_modules/vite/bin/vite.js': BUNDLER,
    'node_modules/electron-vite/package.json': '{"type":"commonjs"}',
    'node_modules/electron-vite/bin/electron-vite.js': BUNDLER,
    'server/index.ts': '1',
    'renderer/src/main.ts': '1',
    'electron/core/core.ts': '1',
    'electron/standalone/index.ts': '1',
    'electron/main/index.ts': '1',
    'shared/domain/a.ts': '1',
    built: '',
  });
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const { ensureBuilt } = await project.load<{ ensureBuilt: (targets: string[]) => Promise<void> }>(
    'build.mjs',
  );
  return {
    ...project,
    ensureBuilt,
    /** What was built since the last look. */
    built: (): string[] => {
      const names = project.read('built').split('\n').filter(Boolean).sort();
      project.write('built', '');
      return names;
    },
  };
};
const ALL = ['renderer', 'standalone', 'server', 'electron'];

describe('building what changed', () => {
  it('builds everything once and then nothing', async () => {
    const { ensureBuilt, built } = await setUp();
    await ensureBuilt(ALL);
    expect(built()).toEqual(['electron', 'renderer', 'server', 'standalone']);
    await ensureBuilt(ALL);
    expect(built()).toEqual([]);
  });

  it('builds what a changed file is part of, and nothing else', async () => {
    const { ensureBuilt, built, write } = await setUp();
    await ensureBuilt(ALL);
    built();
    const parts: [string, string[]][] = [
      ['renderer/src/main.ts', ['renderer']],
      ['electron/standalone/index.ts', ['standalone']],
      ['electron/main/index.ts', ['electron']],
      ['electron/core/core.ts', ['electron', 'standalone']],
      ['server/index.ts', ['server']],
      ['server/new.ts', ['server']],
      ['shared/domain/a.ts', ['electron', 'renderer', 'server', 'standalone']],
      ['README.md', []],
    ];
    for (const [file, targets] of parts) {
      write(file, 'changed');
      await ensureBuilt(ALL);
      expect(built(), file).toEqual(targets);
    }
  });

  it('a file that was only touched builds nothing', async () => {
    const { ensureBuilt, built, folder } = await setUp();
    await ensureBuilt(ALL);
    built();
    utimesSync(join(folder, 'server/index.ts'), new Date(), new Date(Date.now() + 5_000));
    await ensureBuilt(ALL);
    expect(built()).toEqual([]);
  });

  it('builds only what is asked for', async () => {
    const { ensureBuilt, built } = await setUp();
    await ensureBuilt(['renderer', 'server']);
    expect(built()).toEqual(['renderer', 'server']);
  });

  it('a failed build tells the bundler’s words and is tried again', async () => {
    const { ensureBuilt, built, write } = await setUp();
    write('server/index.ts', 'broken');
    await expect(ensureBuilt(['server'])).rejects.toThrow(/构建失败\(server\)[\s\S]*index\.ts:1 is broken/);
    await expect(ensureBuilt(['server'])).rejects.toThrow('构建失败');
    write('server/index.ts', 'mended');
    built();
    await ensureBuilt(['server']);
    expect(built()).toEqual(['server']);
  });

  it('two at the same time build once', async () => {
    const { ensureBuilt, built } = await setUp();
    await Promise.all([ensureBuilt(['server']), ensureBuilt(['server'])]);
    expect(built()).toEqual(['server']);
  });

  it('the lock of a process that died stops nobody', async () => {
    const { ensureBuilt, built, write } = await setUp();
    write('out/.building', '999999999');
    await ensureBuilt(['server']);
    expect(built()).toEqual(['server']);
  });
});
