import type { BrowserWindowConstructorOptions } from 'electron';

/** Electron's safe defaults are written out, so that a later default cannot loosen them unseen. */
const webPreferences = (preload: string, packaged: boolean) =>
  ({
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: !packaged,
  }) as const;

export interface WindowFiles {
  preload: string;
  /** PNG for the window's frame on Linux; null where the program file carries it. */
  icon: string | null;
  packaged: boolean;
}

/** The counter's window: sized for the 1366×768 screens of the halls. */
export function mainWindowOptions({ preload, icon, packaged }: WindowFiles): BrowserWindowConstructorOptions {
  return {
    width: 1366,
    height: 768,
    minWidth: 1024,
    minHeight: 600,
    // Shown when the page has drawn something: an old PC would show a white sheet for a second otherwise.
    show: false,
    backgroundColor: '#ffffff',
    title: '综窗',
    autoHideMenuBar: true,
    ...(icon === null ? {} : { icon }),
    webPreferences: {
      ...webPreferences(preload, packaged),
      // Waiting numbers and the clock go on while another program is in front.
      backgroundThrottling: false,
    },
  };
}

/** The window nobody sees, in which A4 papers are laid out. */
export function printWindowOptions({ preload, packaged }: WindowFiles): BrowserWindowConstructorOptions {
  // 210 × 297 mm at 96 dots an inch.
  return { width: 794, height: 1123, show: false, webPreferences: webPreferences(preload, packaged) };
}
