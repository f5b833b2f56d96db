import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { ProbeAttempt } from '../../../shared/contract/reader.ts';
import { settle } from '../fakes.ts';
import { openWindow, type AdminWindow } from './admin-page.ts';

/** Bytes to an unknown device: only on the admin's word, one way after another. */
describe('probing a device', () => {
  let page: AdminWindow;
  afterEach(() => page.close());

  /** Answers by hand, one attempt at a time. */
  function byHand() {
    const waiting: ((attempt: ProbeAttempt['outcome']) => void)[] = [];
    return {
      waiting,
      probe: ({ profiles = [] }: { profiles?: string[] | undefined }): Promise<Output<'reader.probe'>> =>
        new Promise((resolve) =>
          waiting.push((outcome) =>
            resolve({
              attempts: [
                {
                  profile: profiles[0] ?? '',
                  outcome,
                  sam: outcome === 'answered' ? '05.01-20200101-1-2-3' : '',
                  tookMs: 1000,
                },
              ],
            }),
          ),
        ),
    };
  }
  const asked = () => page.world.machine.callsOf('reader.probe');
  const outcomes = () => page.all('probe-line').map(({ dataset }) => dataset['outcome'] ?? '');
  async function open(ids: string): Promise<void> {
    await page.openReaders();
    await page.click(page.deed(page.row(ids), 'probe') as HTMLElement);
    await page.appears('probe-dialog');
  }

  it('says what will be sent and asks first; the safe answer has the focus', async () => {
    page = await openWindow({ answers: { 'reader.probe': byHand().probe } });
    await open('1A2B:3C4D');
    expect(page.text('probe-dialog')).toContain('AA AA AA 96 69 00 03 11 FF ED');
    expect(document.activeElement).toBe(page.at('probe-cancel'));
    expect(asked()).toEqual([]);
    await page.key('Escape');
    expect(page.has('probe-dialog')).toBe(false);
    expect(asked()).toEqual([]);
    // The page behind it stays.
    expect(page.has('reader-page')).toBe(true);
  });

  it('shows each attempt as it ends, stops at the first answer, and takes that way into use', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.probe': hand.probe } });
    await open('1A2B:3C4D');
    await page.click('probe-start');
    expect(asked()).toEqual([{ bus: 'hid', path: '/dev/hidraw7', profiles: ['miaxis'] }]);
    hand.waiting.shift()?.('ID_CARD_TIMEOUT');
    await settle();
    expect(outcomes().slice(0, 2)).toEqual(['ID_CARD_TIMEOUT', '']);
    expect(page.text(page.all('probe-line')[0] as HTMLElement)).toContain('没有应答');
    hand.waiting.shift()?.('ID_CARD_BAD_FRAME');
    await settle();
    hand.waiting.shift()?.('answered');
    await settle();
    expect(asked()).toHaveLength(3);
    expect(page.text('probe-answered')).toContain('05.01-20200101-1-2-3');
    expect(document.activeElement).toBe(page.at('probe-use'));
    await page.click('probe-use');
    expect(page.world.machine.callsOf('settings.write').map(({ settings }) => settings.reader)).toEqual([
      { mode: 'real', profile: 'generic-raw@1a2b:3c4d' },
    ]);
    expect(page.has('probe-dialog')).toBe(false);
  });

  it('tries no further way when none could go differently', async () => {
    page = await openWindow({
      answers: {
        'reader.probe': ({ profiles = [] }) => ({
          attempts: [{ profile: profiles[0] ?? '', outcome: 'ID_CARD_NO_PERMISSION', sam: '', tookMs: 1 }],
        }),
      },
    });
    await open('0425:8159');
    await page.click('probe-start');
    expect(asked()).toHaveLength(1);
    expect(page.text('probe-dialog')).toContain('没有权限打开');
    expect(page.has('probe-nothing')).toBe(true);
  });

  it('begins no further attempt once it is closed', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.probe': hand.probe } });
    await open('1A2B:3C4D');
    await page.click('probe-start');
    await page.key('Escape');
    hand.waiting.shift()?.('ID_CARD_TIMEOUT');
    await settle();
    expect(asked()).toHaveLength(1);
    expect(page.has('probe-dialog')).toBe(false);
  });

  it('uses the serial way for a serial port', async () => {
    const hand = byHand();
    page = await openWindow({ answers: { 'reader.probe': hand.probe } });
    await open('/dev/ttyS0');
    await page.click('probe-start');
    expect(asked()).toEqual([{ bus: 'serial', path: '/dev/ttyS0', profiles: ['uart'] }]);
    hand.waiting.shift()?.('ID_CARD_TIMEOUT');
    await settle();
    expect(page.text('probe-nothing')).toContain('都没有应答');
  });

  it('says why it could not be tried at all', async () => {
    page = await openWindow({
      answers: {
        'reader.probe': () => {
          throw new CodedError('WIRE_TIMEOUT');
        },
      },
    });
    await open('1A2B:3C4D');
    await page.click('probe-start');
    expect(page.text('probe-problem')).toContain('迟迟没有回应');
    expect(asked()).toHaveLength(1);
  });
});
