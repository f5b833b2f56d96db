import { digitsFromDate } from './calendar-date.ts';
import type { CardDocument } from './document.ts';
import { TEXT_LAYOUTS, TEXT_UNITS, TYPE_CHARACTERS, TYPE_UNIT } from './text-layout.ts';
import type { KnownDocumentType, TextField, TextSlot } from './text-layout.ts';

/** What a chip is written from. Fields the document type has no place for are left out of the record. */
export type CardTextFields = { type: KnownDocumentType } & Partial<
  Omit<CardDocument, 'type' | 'typeCode' | 'warnings' | 'latestAddress' | 'rawText'>
>;

/**
 * Writes the 256-byte text record of a card, padded with U+0020 as chips are: for the simulated reader and
 * for tests. A name longer than its field is cut, as the chip cuts it.
 * @throws RangeError when any other field is longer than its place: that is a mistake in the demo data
 */
export function encodeCardText(fields: CardTextFields): Uint8Array {
  const units = Array.from({ length: TEXT_UNITS }, () => 0x20);
  const layout = TEXT_LAYOUTS[fields.type];
  for (const [name, slot] of Object.entries(layout) as [TextField, TextSlot][]) {
    write(units, name, slot, valueOf(fields, name));
  }
  units[TYPE_UNIT] = TYPE_CHARACTERS[fields.type].charCodeAt(0);
  return toBytes(units);
}

/** The appended addresses as a chip holds them: four places of 35 characters, 280 bytes. */
export function encodeAppendedAddresses(addresses: readonly string[]): Uint8Array {
  const units = Array.from({ length: 4 * 35 }, () => 0x20);
  addresses.slice(0, 4).forEach((address, i) => write(units, 'address', [i * 35, 35], address));
  return toBytes(units);
}

function valueOf(fields: CardTextFields, name: TextField): string {
  switch (name) {
    case 'birth':
    case 'validFrom':
      return digitsFromDate(fields[name] ?? '');
    case 'validTo':
      return fields.longTerm ? '长期' : digitsFromDate(fields.validTo ?? '');
    case 'latinName':
      // The card of 2023 has two places for it.
      return (fields.latinName ?? '').slice(0, TEXT_LAYOUTS[fields.type].latinName?.[1] ?? 0);
    case 'latinNameMore':
      return (fields.latinName ?? '').slice(TEXT_LAYOUTS[fields.type].latinName?.[1] ?? 0).slice(0, 11);
    case 'name':
      return (fields.name ?? '').slice(0, TEXT_LAYOUTS[fields.type].name?.[1] ?? 0);
    default:
      return fields[name] ?? '';
  }
}

function write(units: number[], name: TextField, [at, length]: TextSlot, value: string): void {
  if (value.length > length)
    throw new RangeError(`${name}: ${value.length} characters, the card has ${length}`);
  for (let i = 0; i < value.length; i++) units[at + i] = value.charCodeAt(i);
}

function toBytes(units: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(units.length * 2);
  units.forEach((unit, i) => {
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  });
  return bytes;
}
