// A serial line of the kernel's own with the simulated card reader on its far end, and a desk on the near end: main
// process and device host as they run in a hall.
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../electron/launcher/root.mjs';

/** Why there is no such line here, or null. */
export function noLine() {
  if (process.platform !== 'linux') return 'needs Linux: /proc and pseudo-terminals';
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).error ? 'socat is not on this machine' : null;
}

/** @param parts exports of card-parts.ts */
export async function openLine(parts) {
  const { SerialPort } = await import('serialport');
  const folder = mkdtempSync(join(tmpdir(), 'zc-line-'));
  const [near, far] = [join(folder, 'near'), join(folder, 'far')];
  const cable = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
    stdio: 'ignore',
  });
  await until(() => existsSync(near) && existsSync(far), 5000, 'the serial line');
  const port = new SerialPort({ path: realpathSync(far), baudRate: 115200 });
  const sam = parts.createSam(parts.createSystemClock(), 0);
  const requests = parts.createRequestDecoder();
  const line = { near: realpathSync(near), asked: 0, answeredAt: 0, sam };
  port.on('data', (bytes) => {
    for (const frame of requests.push(bytes)) {
      line.asked += 1;
      const { sw3, data } =
        frame.kind === 'request' ? sam.answer(frame.command, frame.parameter) : { sw3: 0x10 };
      const reply = Buffer.from(parts.replyFrame(sw3, data));
      line.answeredAt = performance.timeOrigin + performance.now();
      port.write(reply);
    }
  });
  return {
    ...line,
    /** When the last answer was put on the line, milliseconds since 1970. */
    answeredAt: () => line.answeredAt,
    asked: () => line.asked,
    async close() {
      await new Promise((done) => port.close(done));
      cable.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param desk bundled card-desk.ts, @param speed how much faster than in a hall the desk waits */
export async function startDesk(desk, near, speed) {
  const host = join(root, 'out/standalone/device-host.js');
  const child = fork(desk, [host, join(root, 'resources/readers'), `uart@${near}`, String(speed)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const seen = { phase: '', reads: [], problems: [] };
  child.on('message', (message) => {
    if (message.kind === 'phase') seen.phase = message.phase;
    if (message.kind === 'read') seen.reads.push(message);
    if (message.kind === 'log') seen.problems.push(`${message.text} ${JSON.stringify(message.data ?? {})}`);
  });
  const waiting = (limitMs = 20_000) =>
    until(
      () => seen.phase === 'waiting',
      limitMs,
      () => `the reader (${seen.phase}; ${seen.problems.at(-1)})`,
    );
  await waiting();
  return {
    seen,
    waiting,
    processes: () => ({ main: child.pid, host: childrenOf(child.pid)[0] }),
    async stop() {
      const gone = new Promise((done) => child.once('exit', done));
      child.send('stop');
      await gone;
    },
  };
}

/** Processor time of all threads so far, milliseconds; by the scheduler's own clock where the kernel keeps one. */
export function cpuMs(pid) {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const file = `/proc/${pid}/task/${task}/schedstat`;
    if (!existsSync(file)) return tickedMs(pid);
    ns += Number(readFileSync(file, 'utf8').split(' ')[0]);
  }
  return ns / 1e6;
}

/** The same in hundredths of a second. */
function tickedMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory of a process, MB. */
export function rssMb(pid) {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

export async function until(condition, limitMs, what) {
  for (const began = Date.now(); !condition(); await new Promise((done) => setTimeout(done, 2))) {
    if (Date.now() - began > limitMs)
      throw new Error(`not in time: ${typeof what === 'function' ? what() : what}`);
  }
}
