import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { CardPhoto } from '../../../shared/contract/card.ts';
import { useServices } from '../app/services.ts';
import { useIntake } from './intake.ts';
import { useReader } from './reader.ts';

/** `decoding`: the card has been read and its photo is awaited. `unknown`: typed, or read before this window opened. */
export type PhotoState = CardPhoto['outcome'] | 'decoding' | 'unknown';

/** A little more than the machine allows its decoder, so that its own word arrives first. */
const LIMIT_MS = 4500;

/**
 * The portrait from the chip of the card that the open case began with. It lives here and nowhere else: not in the
 * draft, the journal or the store on disk; when the applicant goes, it goes.
 */
export const useCardPhoto = defineStore('card-photo', () => {
  const { bridge } = useServices();
  const intake = useIntake();
  const reader = useReader();
  const photos = shallowRef<readonly CardPhoto[]>([]);
  /** Readings whose photo has not been told yet. */
  const awaited = shallowRef<readonly string[]>([]);
  const timers = new Set<ReturnType<typeof setTimeout>>();

  /** The applicant's reading, and that of another person whose card was laid down meanwhile. */
  const wanted = computed(() =>
    [intake.intake.read?.id, intake.otherCard?.readId].filter((id) => id !== undefined),
  );
  const keep = (photo: CardPhoto): void => {
    awaited.value = awaited.value.filter((id) => id !== photo.readId);
    if (!wanted.value.includes(photo.readId)) return;
    photos.value = [...photos.value.filter(({ readId }) => readId !== photo.readId), photo];
  };

  const closers = [
    reader.onRead(({ readId }) => {
      awaited.value = [...awaited.value, readId];
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (awaited.value.includes(readId)) keep({ readId, outcome: 'timeout' });
      }, LIMIT_MS);
      timers.add(timer);
    }),
    bridge.on('card.photo', keep),
    () => timers.forEach((timer) => clearTimeout(timer)),
  ];
  onScopeDispose(() => closers.forEach((close) => close()));
  watch(wanted, (ids) => {
    photos.value = photos.value.filter(({ readId }) => ids.includes(readId));
  });

  const current = computed(() => photos.value.find(({ readId }) => readId === intake.intake.read?.id));

  return {
    state: computed<PhotoState>(() => {
      if (current.value) return current.value.outcome;
      return awaited.value.includes(intake.intake.read?.id ?? '') ? 'decoding' : 'unknown';
    }),
    /** Address of the portrait, or ''. */
    picture: computed(() =>
      current.value?.png === undefined ? '' : `data:image/png;base64,${current.value.png}`,
    ),
    /** How many portraits are held: the applicant's, and at most one of somebody whose card lies there. */
    held: computed(() => photos.value.length),
  };
});
