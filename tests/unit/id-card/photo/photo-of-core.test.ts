import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../electron/adapters/node/clock.ts';
import { createPhotoDecoder } from '../../../../electron/adapters/node/photo-decoder.ts';
import { forkPhotoHost } from '../../../../electron/adapters/photo-host/host-processes.ts';
import { makeTestCore, type TestCore } from '../../../fixtures/core.ts';
import { cannotCompile, compileLibrary } from '../../../fixtures/native/compile.ts';
import { buildPhotoHost } from './photo-host.ts';

let entryFile = '';
beforeAll(async () => {
  entryFile = await buildPhotoHost('core');
});

/** The real core with the simulated reader, the real photo host and a library compiled for the test. */
const coreWithPhotoHost = (): Promise<TestCore> =>
  makeTestCore({
    openPhotoDecoder: (settings) =>
      createPhotoDecoder({
        spawn: forkPhotoHost(entryFile),
        clock: createSystemClock(),
        log: { write: () => undefined },
        settings,
      }),
  });

async function useLibrary(test: TestCore, source: string): Promise<void> {
  const library = compileLibrary(`${source}.c`, source);
  if (library === null) return;
  const { settings } = await test.call('settings.read', {});
  await test.call('settings.write', { settings: { photo: { ...settings.photo, library } } });
}

async function placeCard(test: TestCore): Promise<void> {
  await test.hear('card.state', ({ phase }) => phase === 'waiting');
  const [first] = await test.call('card.demoCards', {});
  await test.call('card.placeDemo', { id: first!.id });
}

const order = (test: TestCore): string[] =>
  test.said.map(({ name }) => name).filter((name) => name === 'card.read' || name === 'card.photo');

describe('a card on the desk', () => {
  it('without a decoder: the text, then the word that there is none', async () => {
    const test = await coreWithPhotoHost();
    await placeCard(test);
    const photo = await test.hear('card.photo');
    const read = await test.hear('card.read');
    expect(photo).toEqual({ readId: read.readId, outcome: 'no-decoder' });
    expect(order(test)).toEqual(['card.read', 'card.photo']);
    expect(await test.call('card.photoStatus', {})).toMatchObject({
      library: 'none',
      last: { outcome: 'no-decoder' },
    });
  });

  it.skipIf(cannotCompile !== null)('with a decoder set meanwhile: the text, then the portrait', async () => {
    const test = await coreWithPhotoHost();
    await useLibrary(test, 'wlt-good');
    await placeCard(test);
    const photo = await test.hear('card.photo');
    expect(photo.readId).toBe((await test.hear('card.read')).readId);
    expect(order(test)).toEqual(['card.read', 'card.photo']);
    expect(photo.outcome).toBe('decoded');
    const picture = PNG.sync.read(Buffer.from(photo.png ?? '', 'base64'));
    expect([picture.width, picture.height]).toEqual([102, 126]);
    expect(await test.call('card.photoStatus', {})).toMatchObject({
      library: 'usable',
      last: { outcome: 'decoded', detail: '' },
    });
  });

  it.skipIf(cannotCompile !== null)(
    'with a decoder that hangs: the text at once, and the next card too',
    async () => {
      const test = await coreWithPhotoHost();
      await useLibrary(test, 'wlt-hangs');
      await placeCard(test);
      const from = performance.now();
      await test.hear('card.read');
      expect(performance.now() - from).toBeLessThan(1500);
      expect(order(test)).toEqual(['card.read']);
      const photo = await test.hear('card.photo');
      expect(photo).toMatchObject({ outcome: 'timeout' });
      expect(photo.png).toBeUndefined();
    },
  );

  it.skipIf(cannotCompile !== null)('with a decoder that crashes: the reader goes on', async () => {
    const test = await coreWithPhotoHost();
    await useLibrary(test, 'wlt-crashes');
    await placeCard(test);
    expect(await test.hear('card.photo')).toMatchObject({ outcome: 'failed' });
    await test.call('card.liftDemo', {});
    const [, second] = await test.call('card.demoCards', {});
    await test.call('card.placeDemo', { id: second!.id });
    const first = await test.hear('card.read');
    await test.hear('card.read', ({ readId }) => readId !== first.readId);
  });

  it('nothing of the photo is kept: not in settings, journal or log', async () => {
    const test = await coreWithPhotoHost();
    await placeCard(test);
    await test.hear('card.photo');
    const head = await test.call('journal.head', {});
    expect(JSON.stringify(head)).not.toContain('png');
    expect(JSON.stringify(test.log)).not.toMatch(/574c66|V0xmAH|87,76,102/i);
  });
});

describe('a test read of the admin', () => {
  it.skipIf(cannotCompile !== null)('tries the decoder, too, and is no applicant’s', async () => {
    const test = await coreWithPhotoHost();
    await useLibrary(test, 'wlt-good');
    await test.hear('card.state', ({ phase }) => phase === 'waiting');
    const [first] = await test.call('card.demoCards', {});
    const read = test.call('reader.testRead', { limitMs: 5000 });
    await test.call('card.placeDemo', { id: first!.id });
    expect(await read).toMatchObject({ outcome: 'read', photoBytes: 1024 });
    expect(await test.hear('card.photo')).toMatchObject({ outcome: 'decoded' });
    expect(order(test)).toEqual(['card.photo']);
  });
});
