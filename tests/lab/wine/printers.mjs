import { writeFileSync } from 'node:fs';

/**
 * Writes the printers of the lab as a registry file for Wine: what AddPrinter would leave behind.
 * Arguments: the file to write, the folder for the paper, and `broken` for a printer that gets some bytes wrong. Their
 * ports are commands that Wine starts and feeds.
 */
const [file, paper, broken] = process.argv.slice(2);
const print = broken === 'broken' ? 'tr A B' : 'cat';

/** PRINTER_ATTRIBUTE_LOCAL; with it 0x400, PRINTER_ATTRIBUTE_WORK_OFFLINE. A status Wine does not keep. */
const LOCAL = 0x40;
const printers = [
  {
    name: '小票打印机 SLIPS',
    port: 'LPT1:',
    attributes: LOCAL,
    command: `|${print} > '${paper}/slips.bin'`,
  },
  {
    name: 'OFFLINE',
    port: 'LPT2:',
    attributes: LOCAL | 0x400,
    command: `|cat > '${paper}/no.bin'`,
  },
  // Takes the document and does not end: whoever printed is held up.
  { name: 'HANGS', port: 'LPT3:', attributes: LOCAL, command: '|exec sleep 20' },
];

/** DEVMODEW with nothing but its name, versions and size; without one Wine does not open a printer. */
function deviceMode(name) {
  const mode = Buffer.alloc(220);
  mode.write(name, 0, 'utf16le');
  mode.writeUInt16LE(0x401, 64);
  mode.writeUInt16LE(0x500, 66);
  mode.writeUInt16LE(mode.length, 68);
  return [...mode].map((byte) => byte.toString(16).padStart(2, '0')).join(',');
}

const number = (value) => `dword:${value.toString(16).padStart(8, '0')}`;
const key = 'HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Control\\Print\\Printers';
const lines = ['Windows Registry Editor Version 5.00', '', `[-${key}]`, '', `[${key}]`, ''];
for (const { name, port, attributes } of printers) {
  lines.push(
    `[${key}\\${name}]`,
    `"Name"="${name}"`,
    `"Port"="${port}"`,
    '"Printer Driver"="Lab Slips"',
    '"Print Processor"="winprint"',
    '"Datatype"="RAW"',
    '"Parameters"=""',
    `"Default DevMode"=hex:${deviceMode(name)}`,
    `"Attributes"=${number(attributes)}`,
    '',
  );
}
lines.push('[HKEY_CURRENT_USER\\Software\\Wine\\Printing\\Spooler]');
for (const { port, command } of printers) lines.push(`"${port}"="${command}"`);
writeFileSync(file, `\ufeff${lines.join('\r\n')}\r\n`, 'utf16le');
