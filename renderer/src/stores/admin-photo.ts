import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef } from 'vue';
import type { PhotoStatus } from '../../../shared/contract/card.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import { useServices } from '../app/services.ts';

type PhotoSetting = Settings['photo'];

const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : 'INTERNAL');

/** The photo decoder of this PC for its admin: what is set, whether it works, and what became of the last photo. */
export const useAdminPhoto = defineStore('admin-photo', () => {
  const { bridge } = useServices();
  const setting = shallowRef<PhotoSetting | null>(null);
  const fromPolicy = ref<readonly string[]>([]);
  const status = shallowRef<PhotoStatus | null>(null);
  const checking = ref(false);
  const saving = ref(false);
  /** Address of the portrait of the card just placed to try the decoder, while somebody looks; '' for none. */
  const picture = ref('');
  let watched = false;
  /** Code of what went wrong last; '' for nothing. */
  const problem = ref('');
  /** The check that counts; an older one that answers later is dropped. */
  let newest = 0;

  async function check(): Promise<void> {
    const mine = ++newest;
    checking.value = true;
    try {
      const answer = await bridge.call('card.photoStatus', {});
      if (mine === newest) status.value = answer;
    } catch (error) {
      if (mine === newest) problem.value = codeOf(error);
    } finally {
      if (mine === newest) checking.value = false;
    }
  }

  const closers = [
    bridge.on('settings.changed', ({ photo }) => (setting.value = photo)),
    // A card was placed to try it.
    bridge.on('card.photo', ({ png }) => {
      if (!watched) return;
      picture.value = png === undefined ? '' : `data:image/png;base64,${png}`;
      void check();
    }),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));

  return {
    setting,
    status,
    checking,
    saving,
    problem,
    picture,
    check,
    fixed: (key: keyof PhotoSetting): boolean => fromPolicy.value.includes(`photo.${key}`),

    /** Shows what becomes of each card placed until the returned function is called; the last portrait goes with it. */
    watch(): () => void {
      watched = true;
      return () => {
        watched = false;
        picture.value = '';
      };
    },

    async load(): Promise<void> {
      problem.value = '';
      try {
        const answer = await bridge.call('settings.read', {});
        setting.value = answer.settings.photo;
        fromPolicy.value = answer.fromPolicy;
      } catch (error) {
        problem.value = codeOf(error);
      }
      await check();
    },

    /** @returns whether it was saved; what kept it from being saved stands in `problem` */
    async save(photo: PhotoSetting): Promise<boolean> {
      if (saving.value) return false;
      saving.value = true;
      problem.value = '';
      try {
        const answer = await bridge.call('settings.write', { settings: { photo } });
        setting.value = answer.settings.photo;
        fromPolicy.value = answer.fromPolicy;
        void check();
        return true;
      } catch (error) {
        problem.value = codeOf(error);
        return false;
      } finally {
        saving.value = false;
      }
    },
  };
});
