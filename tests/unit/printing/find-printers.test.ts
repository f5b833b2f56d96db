import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPrinters, modelOf } from '../../../electron/adapters/node/printer/find-printers.ts';
import type { SpoolPrinter } from '../../../electron/adapters/print-host/messages.ts';
import type { DeviceInfo } from '../../../electron/core/ports/reader-device.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { silentLog } from './ports.ts';

const port = (path: string, manufacturer = ''): DeviceInfo => ({
  bus: 'serial',
  path,
  vendorId: 0,
  productId: 0,
  product: '',
  manufacturer,
});

describe.skipIf(process.platform === 'win32')('the printers this machine sees', () => {
  it('are USB printers with their model, CUPS queues, and serial ports', async () => {
    const folder = temporaryFolder();
    const roots = { dev: join(folder, 'dev'), sys: join(folder, 'sys') };
    for (const name of ['lp0', 'lp1', 'hiddev0']) {
      mkdirSync(join(roots.sys, name, 'device'), { recursive: true });
      mkdirSync(roots.dev, { recursive: true });
      writeFileSync(join(roots.dev, name), '');
    }
    const id = 'MFG:Gprinter;CMD:ESC/POS;MDL:GP-L80160;CLS:PRINTER;';
    writeFileSync(join(roots.sys, 'lp0', 'device', 'ieee1284_id'), id);
    const lpstat = join(folder, 'lpstat');
    writeFileSync(lpstat, '#!/bin/sh\n[ "$1" = -e ] && printf "OFFICE\\nRECEIPT\\n"\n');
    chmodSync(lpstat, 0o755);
    const devices = {
      list: () => Promise.resolve([port('/dev/ttyS0'), port('/dev/ttyUSB0', 'QinHeng')]),
    };
    expect(await findPrinters({ devices, spooler: null, log: silentLog, roots, lpstat })).toEqual([
      { mode: 'usb', address: join(roots.dev, 'lp0'), detail: 'Gprinter GP-L80160' },
      { mode: 'usb', address: join(roots.dev, 'lp1'), detail: '' },
      { mode: 'lp', address: 'OFFICE', detail: '' },
      { mode: 'lp', address: 'RECEIPT', detail: '' },
      { mode: 'serial', address: '/dev/ttyUSB0', detail: 'QinHeng' },
    ]);
  });

  it('are none where there is nothing, no CUPS, and no serial library', async () => {
    const folder = temporaryFolder();
    const found = await findPrinters({
      devices: { list: () => Promise.reject(new Error('no library')) },
      spooler: { list: () => Promise.reject(new Error('no spooler')) },
      log: silentLog,
      roots: { dev: join(folder, 'dev'), sys: join(folder, 'sys') },
      lpstat: join(folder, 'no-lpstat'),
    });
    expect(found).toEqual([]);
  });
});

describe('printers of Windows', () => {
  it('are those behind which there is paper, with their driver and port', async () => {
    const folder = temporaryFolder();
    const printer = (name: string, driver: string, port: string): SpoolPrinter => ({
      name,
      driver,
      port,
      state: 'silent',
    });
    const list = [
      printer('XP-80C', 'XP-80C', 'USB001'),
      printer('\\\\hall-pc\\小票', '', ''),
      printer('Microsoft Print to PDF', 'Microsoft Print To PDF', 'PORTPROMPT:'),
      printer('Microsoft XPS Document Writer', 'Microsoft XPS Document Writer v4', 'XPSPort:'),
      printer('Fax', 'Microsoft Shared Fax Driver', 'SHRFAX:'),
      printer('文件', 'Generic / Text Only', 'FILE:'),
      printer('OneNote', 'Send to Microsoft OneNote 16 Driver', 'nul:'),
      printer('FILES', 'Generic / Text Only', 'FILES:'),
    ];
    const found = await findPrinters({
      devices: { list: () => Promise.resolve([]) },
      spooler: { list: () => Promise.resolve(list) },
      log: silentLog,
      roots: { dev: join(folder, 'dev'), sys: join(folder, 'sys') },
      lpstat: join(folder, 'no-lpstat'),
    });
    expect(found).toEqual([
      { mode: 'windows', address: 'XP-80C', detail: 'XP-80C · USB001' },
      { mode: 'windows', address: '\\\\hall-pc\\小票', detail: '' },
      { mode: 'windows', address: 'FILES', detail: 'Generic / Text Only · FILES:' },
    ]);
  });
});

describe('the device id of a USB printer', () => {
  it('gives maker and model, however they are spelled', () => {
    expect(modelOf('MANUFACTURER:EPSON;COMMAND SET:;MODEL:TM-T82III;')).toBe('EPSON TM-T82III');
    expect(modelOf('')).toBe('');
    expect(modelOf('garbage')).toBe('');
  });
});
