import { afterEach, describe, expect, it, vi } from 'vitest';
import { keyName, type KeyPress } from '../../../renderer/src/app/key-name.ts';
import { createShortcuts, type Shortcut, type Shortcuts } from '../../../renderer/src/app/shortcuts.ts';
import { press } from '../fakes.ts';

const key = (more: Partial<KeyPress>): KeyPress => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});

describe('the name of a key', () => {
  it.each([
    [{ key: 'F9', code: 'F9' }, 'F9'],
    [{ key: 'k', code: 'KeyK', ctrlKey: true }, 'Ctrl+K'],
    [{ key: '3', code: 'Digit3' }, '3'],
    [{ key: '3', code: 'Numpad3' }, '3'],
    [{ key: '¡', code: 'Digit1', altKey: true }, 'Alt+1'],
    [{ key: 'Escape', code: 'Escape' }, 'Escape'],
    [{ key: '#', code: 'Digit3', shiftKey: true }, ''],
    [{ key: 'Process', code: 'KeyN' }, ''],
    [{ key: '1', code: 'Digit1', isComposing: true }, ''],
  ])('%o is %j', (event, name) => {
    expect(keyName(key(event))).toBe(name);
  });
});

describe('the shortcuts of a screen', () => {
  let shortcuts: Shortcuts;
  afterEach(() => {
    shortcuts.close();
    document.body.innerHTML = '';
  });
  const bind = (list: (Partial<Shortcut> & { keys: string[] })[], modal = false): (() => void) =>
    shortcuts.bind(
      list.map((one) => ({ group: 'case', label: 'key.x', run: () => undefined, ...one })),
      modal,
    );
  const field = (): HTMLInputElement => {
    document.body.innerHTML = '<input>';
    const input = document.querySelector('input') as HTMLInputElement;
    input.focus();
    return input;
  };

  it('work while somebody types; bare characters then belong to the field', () => {
    shortcuts = createShortcuts(document);
    const run = vi.fn();
    bind([{ keys: ['F9', 'Ctrl+K', 'Alt+1', '1'], run }]);
    field();
    for (const name of ['F9', 'Ctrl+K', 'Alt+1', '1']) press(name);
    expect(run.mock.calls.map(([name]) => String(name))).toEqual(['F9', 'Ctrl+K', 'Alt+1']);
    (document.activeElement as HTMLElement).blur();
    press('1');
    expect(run).toHaveBeenLastCalledWith('1');
  });

  it('are kept from the browser, also while they have nothing to do', () => {
    shortcuts = createShortcuts(document);
    const run = vi.fn();
    bind([{ keys: ['F3'], when: () => false, run }]);
    const event = new KeyboardEvent('keydown', { key: 'F3', code: 'F3', bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(run).not.toHaveBeenCalled();
  });

  it('act once however long a key is held', () => {
    shortcuts = createShortcuts(document);
    const run = vi.fn();
    bind([{ keys: ['F9'], run }]);
    press('F9');
    document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'F9', code: 'F9', repeat: true, bubbles: true }),
    );
    expect(run).toHaveBeenCalledOnce();
  });

  it('give way to an open dialogue and come back after it', () => {
    shortcuts = createShortcuts(document);
    const behind = vi.fn();
    const inside = vi.fn();
    bind([{ keys: ['F9', 'Escape'], run: behind }]);
    const close = bind([{ keys: ['Escape'], run: inside }], true);
    press('Escape');
    press('F9');
    expect(inside).toHaveBeenCalledOnce();
    expect(behind).not.toHaveBeenCalled();
    close();
    press('F9');
    expect(behind).toHaveBeenCalledOnce();
  });

  it('let what was bound last have its key first', () => {
    shortcuts = createShortcuts(document);
    const first = vi.fn();
    const last = vi.fn();
    bind([{ keys: ['Escape'], run: first }]);
    const close = bind([{ keys: ['Escape'], run: last }]);
    press('Escape');
    close();
    press('Escape');
    expect([last.mock.calls.length, first.mock.calls.length]).toEqual([1, 1]);
  });

  it('list what is bound, without the keys of dialogues', () => {
    shortcuts = createShortcuts(document);
    bind([{ keys: ['F9'], label: 'key.accept' }]);
    bind([{ keys: ['Escape'], label: 'dialog.close' }], true);
    expect(shortcuts.bound.value.map(({ label }) => label)).toEqual(['key.accept']);
  });
});
