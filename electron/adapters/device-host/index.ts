import type { ReaderBus } from '../../../shared/contract/reader.ts';
import { parentLine } from '../host-process/parent-line.ts';
import { hidrawBackend } from './backends/hidraw.ts';
import { libraryBackend } from './backends/library/index.ts';
import { loadNodeHid } from './backends/node-hid.ts';
import { loadSerial } from './backends/serial.ts';
import { loadUsb } from './backends/usb.ts';
import type { DeviceBackend } from './device-backend.ts';
import { createDeviceService } from './device-service.ts';
import type { HostMessage, HostRequest } from './messages.ts';
import type { Say } from './say.ts';

/**
 * The device host: a child process that owns native device code, so that a crash in it never takes a window
 * down. Runs under `child_process.fork` and as an Electron utility process; ends with its parent.
 */

const parent = parentLine<HostRequest, HostMessage>();
const send = (message: HostMessage): void => parent.send(message);

const say: Say = (text, reason) => send({ kind: 'log', level: 'info', text, reason });

/** node-hid where it can be loaded; on Linux without it the kernel's own devices; elsewhere its failure. */
const loadHid = async (): Promise<DeviceBackend> => {
  try {
    return await loadNodeHid();
  } catch (error) {
    if (process.platform !== 'linux') throw error;
    say('HID devices are read without node-hid', String(error));
    return hidrawBackend();
  }
};

/** Each library is loaded when its bus is first asked for: most desks need one. */
const loadBackend = async (bus: ReaderBus): Promise<DeviceBackend> => {
  switch (bus) {
    case 'hid':
      return loadHid();
    case 'usb':
      return loadUsb(say);
    case 'serial':
      return loadSerial(say);
    case 'library':
      return libraryBackend({ log: (text, reason) => send({ kind: 'log', level: 'warning', text, reason }) });
  }
};

const handle = createDeviceService({ loadBackend, send });

parent.serve((request) => void handle(request));
// Newer Electrons only warn about a lost rejection; a host in an unknown state must end and be started anew.
process.on('unhandledRejection', (reason) => {
  send({ kind: 'log', level: 'error', text: 'the device host ends itself', reason: String(reason) });
  process.exit(1);
});
