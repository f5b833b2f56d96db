import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import CounterScreen from '../../../renderer/src/stations/counter/CounterScreen.vue';
import { loadStores } from '../../../renderer/src/app/load-stores.ts';
import { OcrFailure } from '../../../renderer/src/stations/counter/identify/recognise/ocr-engine.ts';
import type { CardRecognised } from '../../../renderer/src/stations/counter/identify/recognise/recognise-card.ts';
import { RECOGNISER } from '../../../renderer/src/stations/counter/identify/use-recogniser.ts';
import { useCatalogue } from '../../../renderer/src/stores/catalogue.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import { press, setUp, settle } from '../fakes.ts';
import { JIA, readOf } from '../people.ts';

// No canvas here: what is drawn is looked at in the browser, by tests/e2e/identify.test.ts.
vi.mock('../../../renderer/src/stations/counter/identify/recognise/picture.ts', () => ({
  copyPart: () => document.createElement('canvas'),
}));

/** The specimen of ICAO 9303. */
const ZONE = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'];

/** A camera of which is known whether its light is on. */
function fakeCameras() {
  const tracks: (EventTarget & { on: boolean })[] = [];
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: vi.fn<() => Promise<unknown>>(async () => {
      const track = Object.assign(new EventTarget(), {
        on: true,
        stop: () => (track.on = false),
        getSettings: () => ({ deviceId: 'cam-1' }),
      });
      tracks.push(track);
      return { getTracks: () => [track], getVideoTracks: () => [track] };
    }),
    enumerateDevices: async () => [
      { kind: 'videoinput', deviceId: 'cam-1', label: '高拍仪' },
      { kind: 'videoinput', deviceId: 'cam-2', label: '' },
      { kind: 'audioinput', deviceId: 'mic', label: '' },
    ],
  });
  return { devices, tracks, lights: () => tracks.filter(({ on }) => on).length };
}

describe('identifying a person without the reader', () => {
  let world: ReturnType<typeof setUp>;
  let screen: VueWrapper;
  let cameras: ReturnType<typeof fakeCameras>;
  let answer: () => Promise<CardRecognised>;
  const recogniser = { warm: vi.fn(async () => undefined), close: vi.fn() };

  const seen = (more: Partial<CardRecognised>): Promise<CardRecognised> =>
    Promise.resolve({
      number: JIA.number,
      certain: true,
      name: '',
      picture: document.createElement('canvas'),
      nameLine: document.createElement('canvas'),
      ...more,
    });

  beforeEach(async () => {
    vi.clearAllMocks();
    localStorage.clear();
    cameras = fakeCameras();
    answer = () => seen({});
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: cameras.devices });
    vi.stubGlobal('createImageBitmap', async () => ({ width: 2480, height: 3508, close: () => undefined }));
    Object.defineProperties(HTMLMediaElement.prototype, {
      srcObject: { configurable: true, writable: true, value: null },
      play: { configurable: true, value: async () => undefined },
    });
    Object.defineProperties(HTMLVideoElement.prototype, {
      videoWidth: { configurable: true, value: 1280 },
      videoHeight: { configurable: true, value: 960 },
    });
    world = setUp({ capabilities: ['card.demo'] });
    await loadStores();
    // The last item is offered, and with it its form.
    useCatalogue().used('ZC-20-RS001');
    screen = mount(CounterScreen, {
      global: {
        plugins: [{ install: world.install }],
        provide: { [RECOGNISER as symbol]: () => ({ ...recogniser, recognise: () => answer() }) },
      },
      attachTo: document.body,
    });
    await settle();
  });
  afterEach(() => {
    screen.unmount();
    world.shortcuts.close();
    document.body.innerHTML = '';
    vi.unstubAllGlobals();
  });

  const at = (id: string): HTMLElement => {
    const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    if (!found) throw new Error(`nothing on the screen is called ${id}`);
    return found;
  };
  const has = (id: string): boolean => document.querySelector(`[data-testid="${id}"]`) !== null;
  const text = (id: string): string => at(id).textContent.replace(/\s+/g, ' ').trim();
  const cursor = (): string => document.activeElement?.getAttribute('data-testid') ?? '';
  async function key(...names: string[]): Promise<void> {
    for (const name of names) {
      press(name);
      await settle();
    }
  }
  async function type(value: string): Promise<void> {
    const input = document.activeElement as HTMLInputElement;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  }
  /** The ways with cameras are fetched when they are first needed. */
  async function appears(id: string): Promise<void> {
    await vi.waitFor(() => at(id), { timeout: 10_000 });
    await settle();
  }
  const formSource = (field: string): string => useIntake().intake.form[field]?.source ?? '';
  async function confirm(): Promise<void> {
    document.querySelector<HTMLFormElement>('form[data-testid="typed-applicant"]')?.requestSubmit();
    await settle();
  }

  describe('by keys', () => {
    it('opens each way from anywhere, changes between them, and closes with Escape', async () => {
      await key('Alt+M');
      expect(at('identify').dataset['way']).toBe('typed');
      expect(cursor()).toBe('typed-number');
      await key('Alt+S');
      await appears('scan');
      expect(at('identify-scan').getAttribute('aria-pressed')).toBe('true');
      await key('Alt+X');
      await appears('camera');
      await key('Escape');
      expect(has('identify')).toBe(false);
      expect(has('reader-prompt')).toBe(true);
    });

    it('lists the keys of the place under F1', async () => {
      await key('Alt+X');
      await appears('camera');
      await key('F1');
      await appears('keys-dialog');
      for (const name of ['Alt+M', 'Alt+X', 'Alt+S', 'Alt+T', 'Alt+G'])
        expect(at('keys-dialog').textContent).toContain(name);
    });

    it('gives way to a card that is laid down meanwhile, and the light goes off', async () => {
      await key('Alt+X');
      await appears('camera');
      expect(cameras.lights()).toBe(1);
      world.machine.tell('card.read', readOf(JIA));
      await settle();
      expect(has('identify')).toBe(false);
      expect(text('applicant-source')).toContain('身份证');
      expect(cameras.lights()).toBe(0);
      expect(recogniser.close).toHaveBeenCalled();
    });
  });

  describe('by camera', () => {
    async function shoot(): Promise<void> {
      await key('Alt+X');
      await appears('camera');
      expect(cursor()).toBe('camera-shoot');
      document.activeElement?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      await settle();
      await appears('picture-result');
    }

    it('fills number and name, each marked, and asks only for a look at the name', async () => {
      answer = () => seen({ name: '测试甲' });
      await shoot();
      expect(text('picture-says')).toContain('校验通过');
      expect(text('name-suggested')).toContain('识别建议');
      expect(cursor()).toBe('typed-name');
      expect(cameras.lights()).toBe(0);
      await confirm();
      expect(text('applicant-name')).toBe('测试甲');
      expect(text('applicant-source')).toContain('拍照识别');
      expect(useIntake().applicant?.identifiedBy).toBe('camera');
      expect([formSource('idNumber'), formSource('name'), formSource('birth')]).toEqual([
        'camera',
        'camera',
        'rule',
      ]);
    });

    it('marks a name that was typed as typed', async () => {
      await shoot();
      expect(has('name-suggested')).toBe(false);
      await type('测试甲');
      await confirm();
      expect([formSource('idNumber'), formSource('name')]).toEqual(['camera', 'typed']);
    });

    it('takes an uncertain number as a proposal, and what the clerk makes of it as typed', async () => {
      answer = () => seen({ number: JIA.number.slice(0, 17), certain: false });
      await shoot();
      expect(text('picture-says')).toContain('没有读准');
      expect(cursor()).toBe('typed-number');
      await type(JIA.number);
      document.querySelector<HTMLInputElement>('input[data-testid="typed-name"]')?.focus();
      await type('测试甲');
      await confirm();
      expect(useIntake().applicant).toMatchObject({ identifiedBy: 'typed', idNumber: JIA.number });
      expect(text('applicant-source')).toContain('手工录入');
    });

    it('says what to do when nothing was read or reading is not to be had', async () => {
      answer = () => seen({ number: '', certain: false, nameLine: null });
      await shoot();
      expect(text('picture-says')).toContain('没有读出号码');
      answer = () => Promise.reject(new OcrFailure('ocr-too-long'));
      await key('Alt+X');
      await appears('camera');
      expect(cameras.lights()).toBe(1);
      at('camera-shoot').click();
      await settle();
      expect(text('picture-says')).toContain('识别用时太长');
    });

    it('does not put a picture in the place of what the chip said', async () => {
      world.machine.tell('card.read', readOf(JIA));
      await settle();
      answer = () => seen({ name: '测试假' });
      await shoot();
      await confirm();
      expect(useIntake().applicant).toMatchObject({ identifiedBy: 'card', name: '测试甲' });
    });

    it.each([
      ['NotFoundError', '没有找到摄像头'],
      ['NotAllowedError', '没有使用摄像头的权限'],
      ['NotReadableError', '正被其他程序使用'],
    ])('says what to do about %s', async (name, words) => {
      cameras.devices.getUserMedia.mockRejectedValueOnce(Object.assign(new Error('no'), { name }));
      await key('Alt+X');
      await appears('camera');
      expect(text('camera-says')).toContain(words);
      at('camera-shoot').click();
      await settle();
      expect(at('camera').dataset['state']).toBe('live');
    });

    it('opens by itself when a camera is plugged in, and says when it is pulled out', async () => {
      cameras.devices.getUserMedia.mockRejectedValueOnce(
        Object.assign(new Error('no'), { name: 'NotFoundError' }),
      );
      await key('Alt+X');
      await appears('camera');
      expect(at('camera').dataset['state']).toBe('problem');
      cameras.devices.dispatchEvent(new Event('devicechange'));
      await settle();
      expect(at('camera').dataset['state']).toBe('live');
      cameras.tracks.at(-1)?.dispatchEvent(new Event('ended'));
      await settle();
      expect(text('camera-says')).toContain('摄像头断开了');
    });

    it('turns a camera off that answers after the clerk has left', async () => {
      const open = cameras.devices.getUserMedia.getMockImplementation()!;
      let answerLate = (): void => undefined;
      cameras.devices.getUserMedia.mockImplementationOnce(
        () => new Promise((resolve) => (answerLate = () => resolve(open()))),
      );
      await key('Alt+X');
      await appears('camera');
      expect(text('camera-says')).toContain('正在打开');
      await key('Escape');
      answerLate();
      await settle();
      expect(cameras.tracks).toHaveLength(1);
      expect(cameras.lights()).toBe(0);
    });

    it('gives a camera that never answers up, with a sentence', async () => {
      const wait = setTimeout;
      vi.stubGlobal('setTimeout', (run: () => void, ms?: number) => wait(run, (ms ?? 0) >= 10_000 ? 20 : ms));
      cameras.devices.getUserMedia.mockImplementationOnce(() => new Promise(() => undefined));
      await key('Alt+X');
      await vi.waitFor(() => at('camera'), { timeout: 10_000 });
      await vi.waitFor(() => expect(text('camera-says')).toContain('摄像头没有反应'), { timeout: 3_000 });
    });

    it('remembers which camera, how it is turned and how much it enlarges', async () => {
      await key('Alt+X');
      await appears('camera');
      await key('Alt+T', 'Alt+G', 'Alt+L');
      expect(cameras.devices.getUserMedia).toHaveBeenLastCalledWith(
        expect.objectContaining({
          audio: false,
          video: expect.objectContaining({ deviceId: { ideal: 'cam-2' } }) as object,
        }),
      );
      expect(localStorage.getItem('zc.camera')).toBe('cam-2');
      await key('Escape', 'Alt+X');
      await appears('camera');
      expect(text('camera-zoom')).toContain('2×');
      expect(document.querySelector('video')?.style.transform).toContain('rotate(90deg) scale(2)');
    });
  });

  describe('by scanner', () => {
    /** As a wedge types under a Chinese input method: the key says nothing, its place says all. */
    function wedge(burst: string): void {
      for (const character of burst) {
        const code =
          character === '<'
            ? 'Comma'
            : character === '\n'
              ? 'Enter'
              : /\d/.test(character)
                ? `Digit${character}`
                : `Key${character}`;
        const event = new KeyboardEvent('keydown', {
          key: character === '\n' ? 'Enter' : 'Process',
          code,
          shiftKey: /[A-Z<]/.test(character),
          bubbles: true,
          cancelable: true,
        });
        (document.activeElement ?? document.body).dispatchEvent(event);
      }
    }
    async function listen(): Promise<void> {
      await key('Alt+S');
      await appears('scan');
    }

    it.each([
      ['with a line end after each line', `${ZONE.join('\n')}\n`],
      ['in one piece', `${ZONE.join('')}\n`],
    ])('reads a zone %s, whatever the input method makes of the keys', async (_, burst) => {
      await listen();
      wedge(burst);
      await settle();
      expect(text('zone-problems')).toContain('证件已过期');
      expect(at('typed-number').closest('input')?.value ?? '').toBe('L898902C3');
      expect(cursor()).toBe('typed-name');
      await confirm();
      expect(useIntake().applicant).toMatchObject({
        name: 'ERIKSSON, ANNA MARIA',
        idType: '414',
        idNumber: 'L898902C3',
        identifiedBy: 'scanner',
        facts: { birth: '1974-08-12', sex: '2', nationality: 'UTO', validTo: '2012-04-15' },
      });
      expect(text('applicant-source')).toContain('扫描');
    });

    it('does not let the second Enter of a scanner confirm what nobody has looked at', async () => {
      await listen();
      wedge(`${ZONE.join('\n')}\n`);
      await settle();
      const second = new KeyboardEvent('keydown', {
        key: 'Enter',
        code: 'Enter',
        bubbles: true,
        cancelable: true,
      });
      document.activeElement?.dispatchEvent(second);
      expect(second.defaultPrevented).toBe(true);
      expect(has('zone-result')).toBe(true);
    });

    it('keeps the digits of a scan from answering questions', async () => {
      await key('Ctrl+K');
      await type('lhjy');
      await key('Enter');
      await listen();
      wedge(ZONE[1] ?? '');
      await settle();
      expect(useIntake().intake.answers).toEqual({});
    });

    it('says so when only a part came', async () => {
      await listen();
      wedge('P<UTOERIKSSON');
      await settle();
      expect(text('scan-says')).toContain('13');
      await vi.waitFor(() => expect(text('scan-says')).toContain('不是完整的机读码'), { timeout: 3_000 });
    });

    it('takes a zone and a citizen number from the clipboard', async () => {
      const paste = (words: string): boolean =>
        document.dispatchEvent(
          Object.assign(new Event('paste', { bubbles: true, cancelable: true }), {
            clipboardData: { files: [], getData: () => words },
          }),
        );
      await listen();
      paste('nothing of use');
      await settle();
      expect(text('scan-says')).toContain('不是完整的机读码');
      paste(JIA.number);
      await settle();
      await type('测试甲');
      await confirm();
      expect(useIntake().applicant).toMatchObject({ identifiedBy: 'scanner', idNumber: JIA.number });
      expect([formSource('idNumber'), formSource('name')]).toEqual(['scanner', 'typed']);
    });

    it('reads a scanned picture like the camera’s, and marks it as scanned', async () => {
      await listen();
      const drop = Object.assign(new Event('drop', { bubbles: true, cancelable: true }), {
        dataTransfer: { files: [new Blob(['page'])] },
      });
      at('scan').dispatchEvent(drop);
      await settle();
      await appears('picture-result');
      expect(cursor()).toBe('typed-name');
      await type('测试甲');
      await confirm();
      expect(text('applicant-source')).toContain('扫描');
    });

    it('says what to do about a file that is no picture', async () => {
      vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no image')));
      await listen();
      at('scan').dispatchEvent(
        Object.assign(new Event('drop', { bubbles: true, cancelable: true }), {
          dataTransfer: { files: [new Blob(['page'])] },
        }),
      );
      await settle();
      expect(text('scan-says')).toContain('不是能打开的图片');
    });
  });
});
