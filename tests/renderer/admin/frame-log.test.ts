import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { FrameEntry } from '../../../shared/contract/reader.ts';
import { frameLine } from '../../../renderer/src/stations/admin/frame-text.ts';
import { settle } from '../fakes.ts';
import { framesFrom } from '../harness/readers.ts';
import { openWindow, type AdminWindow } from './admin-page.ts';

describe('the frames, live', () => {
  let page: AdminWindow;
  let log: FrameEntry[] = [];
  afterEach(() => {
    page.close();
    log = [];
  });

  async function open(): Promise<void> {
    page = await openWindow({
      answers: { 'reader.frames': ({ after = 0 }) => ({ frames: log.filter(({ seq }) => seq > after) }) },
    });
    await page.openReaders();
    await page.key('Ctrl+3');
    await page.appears('frame-log');
  }
  /** Longer than the window waits between two questions. */
  const nextRound = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 650));
    await settle();
  };
  const polls = (entry: FrameEntry): boolean =>
    entry.command === 'find' && (entry.direction === 'out' || entry.status === '80');

  it('shows what comes, each frame once, and hides the polling until it is wanted', async () => {
    log = framesFrom(0, 24, 0);
    await open();
    const wanted = log.filter((entry) => !polls(entry));
    expect(wanted.length).toBeLessThan(log.length);
    expect(page.all('frame')).toHaveLength(wanted.length);
    expect(page.text(page.all('frame')[0] as HTMLElement)).toContain('找到证件');
    log = [...log, ...framesFrom(24, 12, 5_000)];
    await nextRound();
    expect(page.all('frame')).toHaveLength(log.filter((entry) => !polls(entry)).length);
    await page.click('hide-polling');
    expect(page.all('frame')).toHaveLength(log.length);
  });

  it('hides runs of presence polls, which are told as one entry now and then', async () => {
    const [first] = framesFrom(7, 1, 0);
    log = [{ ...(first as FrameEntry), times: 40 }];
    await open();
    expect(page.has('frame')).toBe(false);
    expect(page.text('no-frames')).toContain('正常轮询');
    await page.click('hide-polling');
    expect(page.text('frame')).toContain('×40');
  });

  it('asks for nothing while paused, nor while another part is shown', async () => {
    await open();
    const asked = (): number => page.world.machine.callsOf('reader.frames').length;
    await page.key('Ctrl+P');
    await nextRound();
    const before = asked();
    log = framesFrom(0, 4, 0);
    await nextRound();
    expect(asked()).toBe(before);
    expect(page.has('frame')).toBe(false);
    await page.key('Ctrl+P');
    await nextRound();
    expect(page.has('frame')).toBe(true);
    await page.key('Ctrl+5');
    await page.appears('reader-help');
    await nextRound();
    const left = asked();
    await nextRound();
    expect(asked()).toBe(left);
  });

  it('keeps the newest four hundred and draws them within a moment', async () => {
    log = framesFrom(0, 1000, 0);
    const began = performance.now();
    await open();
    await page.click('hide-polling');
    expect(page.all('frame')).toHaveLength(400);
    expect(performance.now() - began).toBeLessThan(10_000);
    // A row that stands is not made again when the next one comes.
    const last = page.all('frame').at(-1);
    log = [...log, ...framesFrom(1000, 2, 0)];
    await nextRound();
    expect(page.all('frame')).toHaveLength(400);
    expect(page.all('frame').at(-3)).toBe(last);
  });

  it('starts again when the machine does, which counts from the beginning then', async () => {
    log = framesFrom(100, 6, 0);
    await open();
    const before = page.all('frame').length;
    expect(before).toBeGreaterThan(0);
    log = framesFrom(1, 2, 0);
    page.world.machine.tellConnection('up');
    await nextRound();
    expect(page.all('frame')).toHaveLength(log.filter((entry) => !polls(entry)).length);
  });

  it('copies what is shown as text for support', async () => {
    log = framesFrom(0, 12, 0);
    await open();
    const written: string[] = [];
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text));
    await page.click(page.at('copy-frames').querySelector('button') as HTMLElement);
    vi.restoreAllMocks();
    expect(page.text('copy-frames')).toContain('已复制');
    const [text = ''] = written;
    for (const entry of log.filter((one) => !polls(one))) expect(text).toContain(frameLine(entry));
    expect(text).toContain('·· ×1285');
    expect(text).toMatch(/^zongchuang 0\.0\.0/);
  });

  it('says why nothing comes', async () => {
    page = await openWindow({
      answers: {
        'reader.frames': () => {
          throw new CodedError('WIRE_CLOSED');
        },
      },
    });
    await page.openReaders();
    await page.key('Ctrl+3');
    await page.appears('frame-log');
    await settle();
    expect(page.text('frame-log')).toContain('正在重连');
  });
});
