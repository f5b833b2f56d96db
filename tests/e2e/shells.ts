import { _electron, type ElectronApplication, type Page } from 'playwright-core';
// @ts-expect-error -- plain JavaScript of the launcher, which runs before anything is built
import { findElectron } from '../../electron/launcher/electron-binary.mjs';
import { freePort, openWindow, root, startProgram, type Program, type Window } from './program.ts';

/** The whole program in one of its shells, as far as the specs need it. */
export interface RunningShell {
  page(): Page;
  /** Ends the window without warning, as the end-of-process button does, and opens it again. */
  killWindow(): Promise<Page>;
  /** Everything it said on the terminal. */
  output(): string;
  stop(): Promise<void>;
}

export interface Shell {
  name: string;
  /** Why it cannot run here; null when it can. */
  skip: string | null;
  start: (options: { profile: string; args: string[] }) => Promise<RunningShell>;
}

const plain: Shell = {
  name: 'the plain shell with Chromium',
  skip: null,
  async start({ profile, args }) {
    const program: Program = await startProgram({ profile, port: await freePort(), args });
    let window: Window = await openWindow(program);
    return {
      page: () => window.page,
      async killWindow() {
        await window.kill();
        window = await openWindow(program);
        return window.page;
      },
      output: () => program.output(),
      async stop() {
        await window.close().catch(() => undefined);
        await program.stop();
      },
    };
  },
};

const binary = findElectron();

const electron: Shell = {
  name: 'Electron',
  skip: binary === null ? 'no Electron binary: set ELECTRON_OVERRIDE_DIST_PATH or install one' : null,
  async start({ profile, args }) {
    let output = '';
    const launch = async (): Promise<ElectronApplication> => {
      const app = await _electron.launch({
        executablePath: binary as string,
        args: ['--no-sandbox', root, `--profile=${profile}`, ...args],
        cwd: root,
      });
      app.process().stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      return app;
    };
    let app = await launch();
    let page = await app.firstWindow();
    return {
      page: () => page,
      async killWindow() {
        // In Electron the window and the program are one.
        app.process().kill('SIGKILL');
        app = await launch();
        page = await app.firstWindow();
        return page;
      },
      output: () => output,
      stop: () => app.close(),
    };
  },
};

export const shells: readonly Shell[] = [plain, electron];
