import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { Capability } from '../../../shared/contract/app.ts';
import type { Settings, SettingsChange } from '../../../shared/contract/settings.ts';
import { useServices } from '../app/services.ts';

/** This PC: its place in the hall, what its shell can do, and its settings. */
export const useDevice = defineStore('device', () => {
  const { boot, bridge, clerk } = useServices();
  const settings = shallowRef<Settings | null>(null);

  const take = (next: Settings): void => {
    settings.value = next;
    clerk.value = next.clerk;
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
    can: (capability: Capability): boolean => boot.capabilities.includes(capability),
    async load(): Promise<void> {
      take((await bridge.call('settings.read', {})).settings);
    },
    async change(change: SettingsChange): Promise<void> {
      take((await bridge.call('settings.write', { settings: change })).settings);
    },
  };
});
