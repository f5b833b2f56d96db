import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { Capability, Clerk } from '../../../shared/contract/app.ts';
import type { Settings, SettingsChange } from '../../../shared/contract/settings.ts';
import { useServices } from '../app/services.ts';

/** This PC: its place in the hall, what its shell can do, and its settings. */
export const useDevice = defineStore('device', () => {
  const { boot, bridge, clerk } = useServices();
  const settings = shallowRef<Settings | null>(null);

  /** Whoever signed in works here, whatever the settings say. */
  let signedIn: Clerk | null = null;

  const take = (next: Settings): void => {
    settings.value = next;
    clerk.value = signedIn ?? next.clerk;
  };
  onScopeDispose(bridge.on('settings.changed', take));

  return {
    device: boot.device,
    version: boot.version,
    /** Message keys of what the start-up put right. */
    notices: boot.notices,
    clerk,
    settings,
    /** Dots across the slip printer's paper. */
    dots: computed(() => settings.value?.printer.dots ?? 576),
    /** Somebody signed in; null when nobody has, and the settings say who works here. */
    named(next: Clerk | null): void {
      signedIn = next && { id: next.id, name: next.name };
      clerk.value = signedIn ?? settings.value?.clerk ?? clerk.value;
    },
    can: (capability: Capability): boolean => boot.capabilities.includes(capability),
    async load(): Promise<void> {
      take((await bridge.call('settings.read', {})).settings);
    },
    async change(change: SettingsChange): Promise<void> {
      take((await bridge.call('settings.write', { settings: change })).settings);
    },
  };
});
