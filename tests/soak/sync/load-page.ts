import type { Page } from 'playwright-core';
import type { CaseAcceptedBody } from '../../../shared/domain/case/case.ts';
import type { Services } from '../../../renderer/src/app/services.ts';
import { caseDocument } from '../../bench/sync/documents.ts';

/** What the window was asked to save, and what it was told. */
export interface Saves {
  /** Commands whose `save` has resolved: 已保存 was on the screen. By command, how many events it has. */
  told: Map<string, number>;
  /** Begun and never heard of again: either there whole or not at all. */
  begun: Map<string, number>;
  /** Codes of refused saves, counted. */
  refused: Map<string, number>;
}

export const createSaves = (): Saves => ({ told: new Map(), begun: new Map(), refused: new Map() });

/** As the page sees it; lives in `window.__load`. */
interface Load {
  services: Services;
  paused: boolean;
}
declare global {
  interface Window {
    __load?: Load;
    loadNext?: () => Promise<{ cmd: string; body: CaseAcceptedBody }>;
    loadBegun?: (cmd: string, events: number) => Promise<void>;
    loadSaved?: (cmd: string, events: number) => Promise<void>;
    loadRefused?: (cmd: string, code: string) => Promise<void>;
    /** Called between the journal's answer and the window's own commit. */
    betweenTheTwo?: (cmd: string) => Promise<void>;
  }
}

/**
 * Puts a clerk into the page who never rests: one citizen after the other by the window's own save path, each command
 * told to us when it has resolved and not before. Survives reloads.
 * @param pauseMs between two citizens
 */
export async function loadPage(page: Page, saves: Saves, pauseMs: number): Promise<void> {
  let n = 0;
  await page.exposeFunction('loadNext', () => ({
    cmd: `load-${crypto.randomUUID()}`,
    body: caseDocument(n++ % 1000),
  }));
  await page.exposeFunction('loadBegun', (cmd: string, events: number) => {
    saves.begun.set(cmd, events);
  });
  await page.exposeFunction('loadSaved', (cmd: string, events: number) => {
    saves.told.set(cmd, events);
  });
  await page.exposeFunction('loadRefused', (_: string, code: string) => {
    saves.refused.set(code, (saves.refused.get(code) ?? 0) + 1);
  });
  await page.addInitScript((pause: number) => {
    addEventListener('zc:opened', (event) => {
      const load: Load = { services: (event as CustomEvent<Services>).detail, paused: false };
      window.__load = load;
      const { bridge } = load.services;
      const call = bridge.call.bind(bridge);
      bridge.call = async (name, input) => {
        const answer = await call(name, input);
        if (name === 'journal.append') await window.betweenTheTwo?.((input as { cmd: string }).cmd);
        return answer;
      };
      void work(load);
    });
    const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

    async function work(load: Load): Promise<void> {
      const { db, boot } = load.services;
      for (;;) {
        await sleep(pause);
        if (load.paused) continue;
        const { cmd, body } = await window.loadNext!();
        const day = '2026-11-20';
        const n = await db.nextNumber('case', day);
        const agg = `case/${crypto.randomUUID()}`;
        const caseNo = `${boot.device.hall}-20261120-${boot.device.series}-${String(n).padStart(4, '0')}`;
        const key = `${agg}:slip:1`;
        const events: Parameters<typeof db.save>[1] = [
          { type: 'case.accepted', agg, body: { ...body, caseNo } },
          { type: 'sheet.settled', agg, body: { key, state: 'printed', payloadHash: '' } },
        ];
        if (n % 3 === 0) {
          events.push({ type: 'case.finished', agg, body: { result: 'approved', text: '' } });
        }
        await window.loadBegun!(cmd, events.length);
        for (let tries = 0; tries < 20; tries++) {
          try {
            await db.save(cmd, events);
            await window.loadSaved!(cmd, events.length);
            break;
          } catch (error) {
            const { code, name } = error as { code?: string; name?: string };
            await window.loadRefused!(cmd, code ?? name ?? 'unknown');
            // The clerk presses F9 again.
            await sleep(500);
          }
        }
      }
    }
  }, pauseMs);
}

/** The clerk stops or goes on. */
export const pauseLoad = (page: Page, paused: boolean): Promise<void> =>
  page.evaluate((now) => {
    if (window.__load) window.__load.paused = now;
  }, paused);

export interface LoadLight {
  unsent: number;
  cursor: number;
  phase: string;
  error: string;
}

/** @returns what the light stands on; null while the window is not open yet */
export const lightOf = (page: Page): Promise<LoadLight | null> =>
  page.evaluate(async () => {
    if (!window.__load) return null;
    const { db, syncStatus } = window.__load.services;
    const { unsent, cursor } = await db.light();
    return { unsent, cursor, phase: syncStatus.value.phase, error: syncStatus.value.error ?? '' };
  });

/** @returns every case the window shows, by aggregate */
export const casesOf = (page: Page): Promise<Record<string, unknown>> =>
  page.evaluate(async () => {
    const rows = await window.__load!.services.db.recentCases(1_000_000);
    return Object.fromEntries(rows.map(({ state }) => [state.agg, state]));
  });
