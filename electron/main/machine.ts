import { utilityProcess } from 'electron';
import { utilityDeviceHost } from '../adapters/device-host/host-processes.ts';
import { createSafeSecrets } from '../adapters/electron/secrets.ts';
import { utilityPhotoHost } from '../adapters/photo-host/host-processes.ts';
import { utilityPrintHost } from '../adapters/print-host/host-processes.ts';
import { createDeviceHost } from '../adapters/node/device-host.ts';
import { createFetchHttp } from '../adapters/node/http.ts';
import type { ShellFolders } from '../adapters/node/paths.ts';
import { createPhotoDecoder } from '../adapters/node/photo-decoder.ts';
import { createPrintHost } from '../adapters/node/print-host.ts';
import { findPrinters } from '../adapters/node/printer/find-printers.ts';
import { openPrinter } from '../adapters/node/printer/open-printer.ts';
import { createSimulatedReader } from '../adapters/simulated/card-reader/simulated-reader.ts';
import { renderJob } from '../adapters/simulated/printer/render-job.ts';
import { createVirtualPrinter } from '../adapters/simulated/printer/virtual-printer.ts';
import { createCore, type Core } from '../core/core.ts';
import type { ClockPort } from '../core/ports/clock.ts';
import type { LogPort } from '../core/ports/log.ts';

/**
 * The core with Electron's adapters. Call it when the app is ready: the keyring and utility processes are not there
 * before.
 * @param hosts the built `device-host.js`, `photo-host.js` and `print-host.js`
 */
export function createMachine(
  parts: { folders: ShellFolders; clock: ClockPort; log: LogPort; version: string },
  hosts: { device: string; photo: string; print: string },
): Core {
  const { folders, clock, log, version } = parts;
  const spawn = () =>
    utilityDeviceHost(
      utilityProcess.fork(hosts.device, [], { serviceName: '综窗设备服务', stdio: 'ignore' }),
    );
  const spawnPhotoHost = (cwd: string) =>
    utilityPhotoHost(
      utilityProcess.fork(hosts.photo, [], { serviceName: '综窗照片解码', stdio: 'ignore', cwd }),
    );
  const spawnPrintHost = () =>
    utilityPrintHost(utilityProcess.fork(hosts.print, [], { serviceName: '综窗打印服务', stdio: 'ignore' }));
  const devices = createDeviceHost({ spawn, clock, log });
  const isWindows = process.platform === 'win32';
  const spooler = createPrintHost({ spawn: spawnPrintHost, clock, log });
  const demo = createSimulatedReader({ clock });
  const core = createCore({
    shell: 'electron',
    version,
    capabilities: ['card.demo', 'print.preview', ...(isWindows ? (['print.windows'] as const) : [])],
    clock,
    log,
    paths: folders.paths,
    secrets: createSafeSecrets(folders.secrets, log),
    http: createFetchHttp(),
    devices,
    demoReader: demo.port,
    demoCards: demo.cards,
    openPrinter: (settings) =>
      openPrinter(settings, {
        clock,
        log,
        devices,
        spooler,
        virtual: (dots) => createVirtualPrinter({ folder: folders.paths.papers, clock, log, dots }),
      }),
    findPrinters: () => findPrinters({ devices, spooler: isWindows ? spooler : null, log }),
    openPhotoDecoder: (settings) => createPhotoDecoder({ spawn: spawnPhotoHost, clock, log, settings }),
    renderJob,
  });
  return {
    ...core,
    async stop() {
      await core.stop();
      await Promise.all([devices.close(), spooler.close()]);
    },
  };
}
