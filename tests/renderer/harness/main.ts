import { createHarnessMachine } from './machine.ts';

const asked = new URLSearchParams(window.location.search);
const machine = createHarnessMachine({
  language: asked.get('lang') === 'en' ? 'en' : 'zh-CN',
  enrolled: asked.get('enrolled') !== 'no',
});
if (asked.get('fail') === 'yes') machine.failBoot('JOURNAL_LOCKED');
if (asked.get('clerks') === 'yes')
  machine.state.clerks = {
    ...machine.state.clerks,
    required: true,
    idleMinutes: 10,
    offlineUntil: Date.now() + 3 * 86_400_000,
  };
window.zongchuang = machine.api;
(window as unknown as { machine: typeof machine }).machine = machine;
void import('../../../renderer/src/main.ts');
