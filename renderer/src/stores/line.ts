import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { LineState } from '../../../shared/contract/central.ts';
import type { SyncLight } from '../db/hall-db.ts';
import { useServices } from '../app/services.ts';
import { useClock } from './clock.ts';
import { localTime, timeOrDay } from './local-time.ts';
import type { StripMessage } from './strip.ts';

/** The sync makes a round every 30 s; a server silent for longer than two and a half of them is not "synced". */
const STALE_MS = 75_000;
/** So long after the start a missing answer is still "connecting". */
const STARTING_MS = 5_000;
/** Something that has waited longer than this although the line is up is told with its age. */
const SLOW_MS = 120_000;

export type LineLight = StripMessage & {
  state: 'connecting' | 'synced' | 'sending' | 'offline' | 'refused' | 'unset' | 'no-service';
};

/**
 * The status light of the line: the server's own word and its time, or what has not left this PC yet. Never
 * green because a cable is in (ui.md "Honest status").
 */
export const useLine = defineStore('line', () => {
  const { bridge, db, syncStatus } = useServices();
  const clock = useClock();
  const startedAt = Date.now();
  const central = shallowRef<LineState | null>(null);
  /** Whether this PC's own services can be reached; without them nothing can be saved. */
  const connected = ref(true);
  const light = ref<SyncLight>({ unsent: 0, oldestUnsentAt: '', cursor: 0 });

  async function refreshLight(): Promise<void> {
    light.value = await db.light();
  }
  async function refreshCentral(): Promise<void> {
    central.value = await bridge.call('central.status', {});
  }
  const closers = [
    bridge.on('central.state', (next) => (central.value = next)),
    bridge.onConnection((connection) => {
      connected.value = connection === 'up';
      if (connected.value) void refreshCentral();
    }),
    db.onChange(() => void refreshLight()),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));

  const lastContactAt = computed(() => {
    const times = [syncStatus.value.lastContactAt, central.value?.lastAnswerAt ?? null];
    const known = times.filter((time) => time !== null);
    return known.length === 0 ? null : Math.max(...known);
  });

  const state = computed<LineLight['state']>(() => {
    if (!connected.value) return 'no-service';
    const line = central.value?.state;
    const { phase } = syncStatus.value;
    if (line === 'unset') return 'unset';
    if (line === 'refused' || phase === 'refused') return 'refused';
    const contact = lastContactAt.value;
    if (contact === null && phase !== 'offline')
      return clock.now - startedAt < STARTING_MS ? 'connecting' : 'offline';
    if (line === 'offline' || phase === 'offline') return 'offline';
    if (contact === null || clock.now - contact > STALE_MS) return 'offline';
    return light.value.unsent > 0 ? 'sending' : 'synced';
  });

  const shown = computed<LineLight>(() => {
    const n = light.value.unsent;
    const contact = lastContactAt.value;
    switch (state.value) {
      case 'no-service':
        return { state: 'no-service', tone: 'bad', key: 'line.noService', params: {} };
      case 'connecting':
        return { state: 'connecting', tone: 'info', key: 'line.connecting', params: {} };
      case 'synced':
        return { state: 'synced', tone: 'ok', key: 'line.synced', params: { time: localTime(contact ?? 0) } };
      case 'sending':
        return { state: 'sending', tone: 'info', ...sendingWords(n) };
      case 'refused':
        return { state: 'refused', tone: 'bad', key: 'line.refused', params: { n } };
      case 'unset':
        return { state: 'unset', tone: 'warn', key: 'line.unset', params: { n } };
      case 'offline':
        return { state: 'offline', tone: 'warn', ...offlineWords(n, contact) };
    }
  });

  /** What takes long is told with its age: a queue that does not move must not look like one that does. */
  function sendingWords(n: number): Pick<StripMessage, 'key' | 'params'> {
    const oldest = Date.parse(light.value.oldestUnsentAt);
    if (Number.isNaN(oldest) || clock.now - oldest < SLOW_MS) return { key: 'line.sending', params: { n } };
    return { key: 'line.sendingSince', params: { n, time: timeOrDay(oldest, clock.day) } };
  }
  function offlineWords(n: number, contact: number | null): Pick<StripMessage, 'key' | 'params'> {
    const oldest = Date.parse(light.value.oldestUnsentAt);
    if (n > 0 && !Number.isNaN(oldest))
      return { key: 'line.offlineUnsent', params: { n, time: timeOrDay(oldest, clock.day) } };
    if (contact === null) return { key: 'line.offlineNever', params: {} };
    return { key: 'line.offlineClean', params: { time: timeOrDay(contact, clock.day) } };
  }

  return {
    shown,
    light,
    central,
    async load(): Promise<void> {
      await Promise.all([refreshLight(), refreshCentral()]);
    },
  };
});
