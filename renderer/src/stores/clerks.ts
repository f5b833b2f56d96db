import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { ClerkState } from '../../../shared/contract/clerk.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { useServices } from '../app/services.ts';
import { codeOf } from './admin-readers.ts';
import { useClock } from './clock.ts';
import { useDevice } from './device.ts';
import { useStrip } from './strip.ts';

const LAST_KEY = 'zongchuang-last-clerk';
/** A moving mouse tells of somebody as well, but not every pixel of it. */
const ACTS = ['keydown', 'pointerdown', 'wheel', 'pointermove'] as const;

/** Why nobody works here at the moment. */
export type Closed = 'start' | 'signed-out' | 'idle';

/** Who works at this window: signed in by a secret that can be checked without the line, and locked when nobody is here. */
export const useClerks = defineStore('clerks', () => {
  const { bridge, db, clerk } = useServices();
  const clock = useClock();
  const device = useDevice();
  const strip = useStrip();
  const state = shallowRef<ClerkState | null>(null);
  const list = shallowRef<Output<'clerk.list'>>([]);
  const closed = ref<Closed>('start');
  const busy = ref(false);
  /** Code of why the last try did not succeed; '' when there was none. */
  const problem = ref('');
  let lastAct = Date.now();

  const required = computed(() => state.value?.required ?? false);
  const signedIn = computed(() => state.value?.clerk ?? null);
  const needed = computed(() => required.value && signedIn.value === null);

  function take(next: ClerkState): void {
    const before = state.value?.clerk?.id;
    state.value = next;
    device.named(next.clerk);
    if (next.clerk && next.clerk.id !== before) lastAct = Date.now();
  }
  async function load(): Promise<void> {
    take(await bridge.call('clerk.state', {}));
    if (required.value) list.value = await bridge.call('clerk.list', {});
  }

  const onAct = (): void => void (lastAct = Date.now());
  for (const act of ACTS) document.addEventListener(act, onAct, { capture: true, passive: true });
  const closers = [
    bridge.on('clerk.changed', (next) => {
      take(next);
      if (next.required) void load().catch(() => undefined);
    }),
    // A citizen's card is somebody's act as well.
    bridge.on('card.read', onAct),
    () => ACTS.forEach((act) => document.removeEventListener(act, onAct, { capture: true })),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));

  async function leave(why: Closed): Promise<void> {
    if (!required.value || signedIn.value === null || busy.value) return;
    busy.value = true;
    try {
      await bridge.call('clerk.signOut', {});
      closed.value = why;
      problem.value = '';
      strip.clear();
      await load();
    } catch (error) {
      strip.fail(error);
    } finally {
      busy.value = false;
    }
  }

  watch(
    () => clock.now,
    (now) => {
      const minutes = state.value?.idleMinutes ?? null;
      if (minutes !== null && signedIn.value && now - lastAct > minutes * 60_000) void leave('idle');
    },
  );

  return {
    state,
    list,
    required,
    signedIn,
    needed,
    closed,
    busy,
    problem,
    load,
    /** Who signed in last at this PC, to be offered first; '' when nobody has. */
    lastId: (): string => localStorage.getItem(LAST_KEY) ?? '',
    /** The name of whoever an event names; the id when nobody told it. */
    nameOf: (id: string): string =>
      list.value.find((one) => one.id === id)?.name ?? (id === clerk.value.id ? clerk.value.name : id),
    /** Seconds until the one who was locked out may try again; 0 when nobody is. */
    lockedSeconds: computed(() =>
      Math.max(0, Math.ceil(((state.value?.lockedUntil ?? 0) - clock.now) / 1000)),
    ),
    forgetProblem: () => void (problem.value = ''),
    /** @returns whether it succeeded; the secret is not kept */
    async signIn(id: string, secret: string): Promise<boolean> {
      if (busy.value) return false;
      busy.value = true;
      problem.value = '';
      try {
        const { how } = await bridge.call('clerk.signIn', { id, secret });
        localStorage.setItem(LAST_KEY, id);
        await load();
        await db.save(crypto.randomUUID(), [{ type: 'clerk.signedIn', agg: `clerk/${id}`, body: { how } }]);
        return true;
      } catch (error) {
        problem.value = codeOf(error);
        await load().catch(() => undefined);
        return false;
      } finally {
        busy.value = false;
      }
    },
    signOut: () => leave('signed-out'),
  };
});
