import { describe, expect, it, vi } from 'vitest';
import { createElectronBridge, type PreloadApi } from '../../../renderer/src/bridge/electron.ts';

const api = (more: Partial<PreloadApi>): PreloadApi => ({
  call: async () => ({ ok: true, value: {} }),
  on: () => () => undefined,
  ...more,
});

describe("the bridge over Electron's preload", () => {
  it('gives the value of an answer and throws the code of a refusal', async () => {
    const good = createElectronBridge(api({ call: async (name) => ({ ok: true, value: name }) }));
    expect(await good.call('journal.head', {})).toBe('journal.head');
    const bad = createElectronBridge(
      api({ call: async () => ({ ok: false, error: { code: 'CENTRAL_BUSY' } }) }),
    );
    await expect(bad.call('central.push', {})).rejects.toMatchObject({ code: 'CENTRAL_BUSY' });
  });

  it('gives up a call that is never answered', async () => {
    vi.useFakeTimers();
    const bridge = createElectronBridge(api({ call: () => new Promise(() => undefined) }));
    const call = expect(bridge.call('journal.head', {})).rejects.toMatchObject({ code: 'WIRE_TIMEOUT' });
    await vi.advanceTimersByTimeAsync(17_000);
    await call;
    vi.useRealTimers();
  });

  it('hands events on and ends with the closer the preload gave', () => {
    let tell: (payload: unknown) => void = () => undefined;
    const ended = vi.fn();
    const bridge = createElectronBridge(
      api({
        on: (_name, listener) => {
          tell = listener;
          return ended;
        },
      }),
    );
    const heard = vi.fn();
    const close = bridge.on('central.hint', heard);
    tell({ head: 7 });
    expect(heard).toHaveBeenCalledWith({ head: 7 });
    close();
    expect(ended).toHaveBeenCalledOnce();
  });
});
