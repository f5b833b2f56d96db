import { forkDeviceHost } from '../adapters/device-host/host-processes.ts';
import { forkPhotoHost } from '../adapters/photo-host/host-processes.ts';
import { forkPrintHost } from '../adapters/print-host/host-processes.ts';
import { createDeviceHost } from '../adapters/node/device-host.ts';
import { createFetchHttp } from '../adapters/node/http.ts';
import { createPhotoDecoder } from '../adapters/node/photo-decoder.ts';
import { createPrintHost } from '../adapters/node/print-host.ts';
import { findPrinters } from '../adapters/node/printer/find-printers.ts';
import { openPrinter } from '../adapters/node/printer/open-printer.ts';
import { createFileSecrets } from '../adapters/node/secrets.ts';
import {
  createSimulatedReader,
  DEMO_LATENCY,
  NO_LATENCY,
} from '../adapters/simulated/card-reader/simulated-reader.ts';
import { renderJob } from '../adapters/simulated/printer/render-job.ts';
import { createVirtualPrinter } from '../adapters/simulated/printer/virtual-printer.ts';
import { createCore, type Core } from '../core/core.ts';
import type { MachineParts } from './surroundings.ts';

/**
 * The core with the plain-Node adapters.
 * @param hosts the built `device-host.js`, `photo-host.js` and `print-host.js`
 */
export function createMachine(
  parts: MachineParts,
  hosts: { device: string; photo: string; print: string },
): Core {
  const { folders, clock, log, env, version } = parts;
  const devices = createDeviceHost({ spawn: () => forkDeviceHost(hosts.device), clock, log });
  const spawnPhotoHost = forkPhotoHost(hosts.photo);
  const isWindows = process.platform === 'win32';
  const spooler = createPrintHost({ spawn: () => forkPrintHost(hosts.print), clock, log });
  // Tests need no imitation of a slow reader.
  const latency = env['ZONGCHUANG_DEMO_LATENCY'] === '0' ? NO_LATENCY : DEMO_LATENCY;
  const demo = createSimulatedReader({ clock, latency });
  const core = createCore({
    shell: 'standalone',
    version,
    capabilities: ['card.demo', 'print.preview', ...(isWindows ? (['print.windows'] as const) : [])],
    clock,
    log,
    paths: folders.paths,
    secrets: createFileSecrets(folders.secrets),
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
