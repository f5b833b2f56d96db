import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { AttachedDevice } from '../../../shared/contract/reader.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import { useServices } from '../app/services.ts';

export type ReaderProfileSummary = Output<'reader.devices'>['profiles'][number];

/** What is plugged in does not tell the window when it comes and goes. */
const LOOK_AGAIN_MS = 5_000;

/** @returns the code under which the sentence for a failed call stands */
export const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : 'INTERNAL');

/** The readers of this PC for its admin: what is attached, what is chosen, and who may choose. */
export const useAdminReaders = defineStore('admin-readers', () => {
  const { bridge } = useServices();
  const devices = shallowRef<AttachedDevice[] | null>(null);
  const profiles = shallowRef<ReaderProfileSummary[]>([]);
  const chosen = shallowRef<Settings['reader']>({ mode: 'auto' });
  const fromPolicy = ref<readonly string[]>([]);
  const looking = ref(false);
  const saving = ref(false);
  /** Code of what went wrong last with looking and with saving; '' for nothing. */
  const lookProblem = ref('');
  const saveProblem = ref('');
  /** The look that counts; an older one that answers later is dropped. */
  let newest = 0;

  const take = (settings: Settings): void => {
    chosen.value = settings.reader;
  };
  onScopeDispose(bridge.on('settings.changed', take));

  async function look(): Promise<void> {
    const mine = ++newest;
    looking.value = true;
    try {
      const answer = await bridge.call('reader.devices', {});
      if (mine !== newest) return;
      devices.value = answer.devices;
      profiles.value = answer.profiles;
      lookProblem.value = '';
    } catch (error) {
      if (mine === newest) lookProblem.value = codeOf(error);
    } finally {
      if (mine === newest) looking.value = false;
    }
  }

  async function readSettings(): Promise<void> {
    try {
      const answer = await bridge.call('settings.read', {});
      take(answer.settings);
      fromPolicy.value = answer.fromPolicy;
    } catch (error) {
      saveProblem.value = codeOf(error);
    }
  }

  /** @returns whether it was saved; what kept it from being saved stands in `saveProblem` */
  async function choose(reader: Settings['reader']): Promise<boolean> {
    if (saving.value) return false;
    saving.value = true;
    saveProblem.value = '';
    try {
      const answer = await bridge.call('settings.write', { settings: { reader } });
      take(answer.settings);
      fromPolicy.value = answer.fromPolicy;
      void look();
      return true;
    } catch (error) {
      saveProblem.value = codeOf(error);
      return false;
    } finally {
      saving.value = false;
    }
  }

  return {
    devices,
    profiles,
    chosen,
    looking,
    saving,
    lookProblem,
    saveProblem,
    modeFixed: computed(() => fromPolicy.value.includes('reader.mode')),
    profileFixed: computed(() => fromPolicy.value.includes('reader.profile')),
    look,
    choose,
    /** Takes this device into use; best way first. */
    use: (device: AttachedDevice): Promise<boolean> => {
      const [best] = device.choices;
      return best ? choose({ mode: 'real', profile: best.choice }) : Promise.resolve(false);
    },
    /** Takes this device into use the way it has answered. */
    useWith: (device: AttachedDevice, profile: string): Promise<boolean> => {
      const known = device.choices.find((choice) => choice.profile === profile);
      return choose({ mode: 'real', profile: known?.choice ?? `${profile}@${device.ids || device.path}` });
    },

    /** Keeps what is shown true until the returned function is called: things are plugged in and out. */
    watch(): () => void {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let ended = false;
      const again = async (): Promise<void> => {
        if (document.visibilityState === 'visible') await look();
        if (!ended) timer = setTimeout(() => void again(), LOOK_AGAIN_MS);
      };
      void readSettings();
      void again();
      const closers = [
        bridge.onConnection((connection) => {
          if (connection === 'up') void Promise.all([readSettings(), look()]);
        }),
      ];
      return () => {
        ended = true;
        clearTimeout(timer);
        closers.forEach((close) => close());
      };
    },
  };
});
