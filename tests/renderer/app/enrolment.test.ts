import { mount } from '@vue/test-utils';
import { describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import EnrolScreen from '../../../renderer/src/app/EnrolScreen.vue';
import { waitForEnrolment, waitQuietly } from '../../../renderer/src/app/enrolment.ts';
import type { Boot } from '../../../renderer/src/app/services.ts';
import { DEVICE, fakeBridge, settle, setUp } from '../fakes.ts';

const boot = (device: Boot['device']): Boot => ({
  version: '0',
  shell: 'standalone',
  capabilities: [],
  device,
  clerk: { id: 'c', name: 'c' },
  sealKey: '',
  lookupKey: '',
  notices: [],
});

describe('enrolment', () => {
  it('is waited for quietly while the shell does it by itself', async () => {
    let asked = 0;
    const { bridge } = fakeBridge({ 'app.boot': () => boot(++asked < 3 ? null : DEVICE) });
    expect((await waitQuietly(bridge, boot(null))).device).toEqual(DEVICE);
  });

  it('asks the person at once when no server is named', async () => {
    const { bridge, callsOf } = fakeBridge({
      'central.status': () => ({ server: null, state: 'unset', lastAnswerAt: null, acknowledgedSeq: 0 }),
    });
    expect((await waitQuietly(bridge, boot(null))).device).toBeNull();
    expect(callsOf('app.boot')).toHaveLength(0);
  });

  it('is noticed when the line says something, whoever enrolled', async () => {
    let enrolled = false;
    const machine = fakeBridge({ 'app.boot': () => boot(enrolled ? DEVICE : null) });
    const ended = new AbortController();
    const waiting = waitForEnrolment(machine.bridge, ended.signal);
    await settle();
    enrolled = true;
    machine.tell('central.state', {
      server: 'x',
      state: 'online',
      lastAnswerAt: null,
      acknowledgedSeq: 0,
    });
    expect((await waiting).device).toEqual(DEVICE);
  });

  it('sends address and code on Enter and says a refusal in words', async () => {
    const { bridge, answers, callsOf } = fakeBridge({
      'app.boot': () => boot(null),
      'central.enrol': () => {
        throw new CodedError('CENTRAL_CODE_REFUSED');
      },
    });
    const onEnrolled = vi.fn();
    const { languages } = setUp();
    const screen = mount(EnrolScreen, {
      props: { bridge, server: 'http://10.0.0.8:21861', onEnrolled },
      global: { plugins: [languages.i18n] },
      attachTo: document.body,
    });
    await screen.get('input[data-testid="enrol-code"]').setValue(' ABCD-1234 ');
    await screen.get('form').trigger('submit');
    await settle();
    expect(callsOf('central.enrol')).toEqual([{ server: 'http://10.0.0.8:21861', code: 'ABCD-1234' }]);
    expect(screen.get('[data-testid="enrol-error"]').text()).toContain('登记码不对');
    expect(onEnrolled).not.toHaveBeenCalled();

    answers['central.enrol'] = () => DEVICE;
    answers['app.boot'] = () => boot(DEVICE);
    await screen.get('form').trigger('submit');
    await settle();
    expect(onEnrolled).toHaveBeenCalledWith(expect.objectContaining({ device: DEVICE }));
    screen.unmount();
  });
});
