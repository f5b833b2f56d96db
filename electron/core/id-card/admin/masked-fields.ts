import type { TestRead } from '../../../../shared/contract/reader.ts';
import type { CardDocument } from '../../../../shared/domain/card/document.ts';
import { maskIdNumber, maskName } from '../../../../shared/domain/masking/mask.ts';

/** How a field may be shown. `length`: how many characters it has, as `12 ×`. */
type Showing = (value: string) => string;

const whole: Showing = (value) => value;
const year: Showing = (value) => value.slice(0, 4);
const length: Showing = (value) => `·· ×${String(Array.from(value).length)}`;

/** In the order of the card. What is not listed is not shown. */
const SHOWN: readonly (readonly [field: keyof CardDocument, show: Showing])[] = [
  ['type', whole],
  ['typeCode', whole],
  ['name', maskName],
  ['latinName', maskName],
  ['sex', () => '··'],
  ['ethnicity', () => '··'],
  ['nationality', whole],
  ['birth', year],
  ['address', length],
  ['latestAddress', length],
  ['number', maskIdNumber],
  ['passNumber', maskIdNumber],
  ['issuer', length],
  ['issueCount', whole],
  ['validFrom', whole],
  ['validTo', whole],
];

/**
 * A document line by line, so that an admin sees that every field arrived and not whose it is. The fields carry the
 * names of {@link CardDocument}; empty ones are left out.
 */
export function maskedFields(document: CardDocument): TestRead['document'] {
  const lines = SHOWN.flatMap(([field, show]) => {
    const value = document[field];
    return typeof value === 'string' && value.trim() !== '' ? [{ field, value: show(value) }] : [];
  });
  return document.longTerm ? [...lines, { field: 'validTo', value: '长期' }] : lines;
}
