import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A checkout with the real launcher in it and nothing else, to which a test adds what it needs. */
export function checkout(files: Record<string, string> = {}) {
  const folder = temporaryFolder();
  cpSync(join(root, 'electron/launcher'), join(folder, 'electron/launcher'), { recursive: true });
  cpSync(join(root, 'resources/browsers.json'), join(folder, 'resources/browsers.json'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', '{"type":"module","version":"0.0.0"}');
  write('package-lock.json', '{"packages":{"":{}}}');
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    folder,
    write,
    read: (path: string): string => readFileSync(join(folder, path), 'utf8'),
    /** A module of the copied launcher; it believes that the folder is the project. */
    load: <T>(module: string): Promise<T> =>
      import(/* @vite-ignore */ pathToFileURL(join(folder, 'electron/launcher', module)).href) as Promise<T>,
    start: (args: string[], env: Record<string, string> = {}) =>
      runNode([join(folder, 'electron/launcher/start.mjs'), ...args], env),
  };
}

/** A Node program with its words; killed when the test ends. */
export function runNode(args: string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let words = '';
  child.stdout!.on('data', (data) => (words += String(data)));
  child.stderr!.on('data', (data) => (words += String(data)));
  const exit = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return { child, exit, words: () => words };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
