import { describe, expect, it, vi } from 'vitest';
import { openSession, type PageAddress } from '../../../renderer/src/bridge/session.ts';

function page(hash: string, ok = true) {
  const replaceState = vi.fn();
  const fetched = vi.fn<PageAddress['fetch']>(async () => ({ ok }));
  const address: PageAddress = {
    location: { hash, pathname: '/', search: '?x' },
    history: { replaceState },
    fetch: fetched,
  };
  return { address, replaceState, fetched };
}

describe('the one-time secret', () => {
  it('is sent as the body and taken out of the address', async () => {
    const { address, replaceState, fetched } = page('#s3cret');
    await openSession(address);
    expect(fetched.mock.calls[0]?.[0]).toBe('/session');
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: 's3cret' });
    expect(replaceState).toHaveBeenCalledWith(null, '', '/?x');
  });

  it.each(['', '#', '#/counter'])('is not looked for in %j: a reloaded page has its cookie', async (hash) => {
    const { address, replaceState, fetched } = page(hash);
    await openSession(address);
    expect(fetched).not.toHaveBeenCalled();
    expect(replaceState).not.toHaveBeenCalled();
  });

  it('that is used up stops the start, and is gone from the address all the same', async () => {
    const { address, replaceState } = page('#old', false);
    await expect(openSession(address)).rejects.toMatchObject({ code: 'WIRE_CLOSED' });
    expect(replaceState).toHaveBeenCalledOnce();
  });
});
