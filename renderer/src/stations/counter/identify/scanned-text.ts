import { checkCitizenNumber } from '../../../../../shared/domain/card/citizen-number.ts';
import { parseMrz, type MrzReading } from '../../../../../shared/domain/card/mrz.ts';

/** What a scanner or the clipboard sent: a zone, a citizen number, or nothing of use. */
export type Scanned = { kind: 'zone'; zone: MrzReading } | { kind: 'number'; number: string } | null;

/** @param today `YYYY-MM-DD` */
export function scannedText(text: string, today: string): Scanned {
  const zone = parseMrz(text, today);
  if (zone !== null) return { kind: 'zone', zone };
  const { kind, number, problems } = checkCitizenNumber(text);
  return kind === 'unrecognised' || problems.length > 0 ? null : { kind: 'number', number };
}

/** The name as forms want it: `SURNAME, GIVEN NAMES`, as on the cards of foreigners. */
export const zoneName = ({ surname, givenNames }: MrzReading): string =>
  [surname, givenNames].filter((part) => part !== '').join(', ');
