import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../server/start.ts';
import { counterOf, type Counter } from './counter.ts';
import {
  freePort,
  newProfile,
  openWindow,
  root,
  startProgram,
  type Program,
  type Window,
} from './program.ts';
import { SHOT, specimenOf, takePictures } from './specimen-pictures.ts';

/** `SCREENSHOTS=resources/screenshots` renews the README's picture; otherwise they are for looking at. */
const pictures = join(root, process.env['SCREENSHOTS'] ?? 'tests/.artifacts');

const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** The built program in real Chromium, its camera fed with an invented card. */
describe('a person without a card on the reader', () => {
  let server: TestServer;
  let program: Program;
  let window: Window | null = null;
  let page: Buffer;
  const { profile, remove } = newProfile();
  const film = join(profile, 'card.mjpeg');
  const person = specimenOf('child');

  beforeAll(async () => {
    const pictures = await takePictures([
      [person, SHOT],
      // A card on the glass of a flatbed: a whole page, the card somewhere on it, upside down.
      [person, { ...SHOT, width: 1654, height: 2339, share: 0.41, angle: 181, shiftX: -0.4, blur: 0.4 }],
    ]);
    page = pictures[1] as Buffer;
    // A film of one picture: MJPEG is JPEGs one after the other.
    writeFileSync(film, Buffer.concat(Array<Buffer>(5).fill(pictures[0] as Buffer)));
    server = await startTestServer();
    program = await startProgram({
      profile,
      port: await freePort(),
      args: ['--server', server.url, '--code', await server.newCode()],
    });
  });
  afterEach(async () => {
    await window?.close().catch(() => undefined);
    window = null;
  });
  afterAll(async () => {
    await program.stop();
    await server.dispose();
    remove();
  });

  async function openCounter(args: string[]): Promise<{ counter: Counter; foreign: string[] }> {
    window = await openWindow(program, { args });
    const counter = counterOf(window.page);
    const origin = new URL(window.page.url()).origin;
    const foreign: string[] = [];
    window.page.context().on('request', (request) => {
      const address = request.url();
      if (!address.startsWith(origin) && !/^(?:data|blob):/.test(address)) foreign.push(address);
    });
    await window.page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      const kept = globalThis as unknown as { streams: MediaStream[] };
      kept.streams = [];
      devices.getUserMedia = async (asked) => {
        const stream = await open(asked);
        kept.streams.push(stream);
        return stream;
      };
    });
    await counter.usable();
    return { counter, foreign };
  }
  const lights = (counter: Counter): Promise<number> =>
    counter.page.evaluate(
      () =>
        (globalThis as unknown as { streams: MediaStream[] }).streams
          .flatMap((stream) => stream.getTracks())
          .filter(({ readyState }) => readyState === 'live').length,
    );
  const value = (counter: Counter, id: string): Promise<string> => counter.page.getByTestId(id).inputValue();

  it('is photographed: the number is read here, fills the form and is marked', async ({ onTestFailed }) => {
    const { counter, foreign } = await openCounter([
      ...FAKE_CAMERA,
      `--use-file-for-fake-video-capture=${film}`,
    ]);
    onTestFailed(async () => {
      await counter.page.screenshot({ path: join(root, 'tests/.artifacts/identify-failed.png') });
    });
    await counter.press('Alt+x');
    await counter.page.locator('[data-testid="camera"][data-state="live"]').waitFor({ timeout: 20_000 });
    expect(await lights(counter)).toBe(1);
    await counter.page.screenshot({ path: join(pictures, 'identify-camera.png') });
    const began = Date.now();
    await counter.press('Enter');
    await counter.by('picture-result').waitFor({ timeout: 60_000 });
    console.log(`first picture read in ${Date.now() - began} ms`);
    await counter.page.waitForTimeout(300);
    await counter.page.screenshot({ path: join(pictures, 'identify-read.png') });
    expect(await counter.by('picture-result').getAttribute('data-certain')).toBe('true');
    expect(await value(counter, 'typed-number')).toBe(person.number);
    expect(await lights(counter)).toBe(0);
    // The cursor stands in the name: the suggestion is looked at and written over, because it is only that.
    await counter.press('Control+a');
    await counter.type(person.name);
    await counter.press('Enter');
    await counter.says('applicant-source', '拍照识别');
    expect(await counter.text('applicant-name')).toBe(person.name);
    await counter.type('lhjy');
    await counter.by('item-option').first().waitFor();
    await counter.press('Enter');
    await counter.says('field-idNumber', '拍照识别');
    await counter.says('field-birth', person.birth);
    expect(foreign).toEqual([]);
    await counter.page.screenshot({ path: join(pictures, 'identify-filled.png') });
  });

  it('has a scanned page of the card read as well', async ({ onTestFailed }) => {
    const { counter } = await openCounter(FAKE_CAMERA);
    onTestFailed(async () => {
      await counter.page.screenshot({ path: join(root, 'tests/.artifacts/identify-failed.png') });
    });
    await counter.press('Alt+s');
    await counter.by('scan').waitFor();
    await counter.by('scan-input').setInputFiles({ name: 'page.jpg', mimeType: 'image/jpeg', buffer: page });
    await counter.by('picture-result').waitFor({ timeout: 60_000 });
    expect(await value(counter, 'typed-number')).toBe(person.number);
    await counter.page.screenshot({ path: join(pictures, 'identify-scanned.png') });
  });

  it('has a passport scanned by a keyboard wedge', async () => {
    const { counter } = await openCounter(FAKE_CAMERA);
    await counter.press('Alt+s');
    await counter.by('scan').waitFor();
    await counter.page.keyboard.type(
      'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n',
    );
    await counter.says('zone-problems', '证件已过期');
    expect(await value(counter, 'typed-number')).toBe('L898902C3');
    await counter.page.waitForTimeout(700);
    await counter.press('Enter');
    await counter.says('applicant-source', '扫描');
  });

  it('is told what to do when the camera may not be used', async () => {
    const { counter } = await openCounter([
      '--use-fake-device-for-media-stream',
      '--deny-permission-prompts',
    ]);
    await counter.press('Alt+x');
    await counter.says('camera-says', '没有使用摄像头的权限', 20_000);
    await counter.page.screenshot({ path: join(pictures, 'identify-refused.png') });
    await counter.press('Alt+m');
    await counter.by('typed-number').waitFor();
  });

  it('is told what to do when there is no camera', async () => {
    const { counter } = await openCounter([
      '--use-fake-device-for-media-stream=device-count=0',
      '--use-fake-ui-for-media-stream',
    ]);
    await counter.press('Alt+x');
    await counter.says('camera-says', '没有找到摄像头', 20_000);
  });
});
