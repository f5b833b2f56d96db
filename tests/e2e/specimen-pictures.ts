import { chromium } from 'playwright-core';
import { demoPeople } from '../../electron/adapters/simulated/card-reader/people.ts';
import { ethnicityName, sexName } from '../../shared/domain/card/code-tables.ts';
import { parseCardText } from '../../shared/domain/card/parse-card-text.ts';
import { drawSpecimen, type Shot, type Specimen } from '../fixtures/specimen-card.ts';

/** One of the invented people, as the front of the card prints them. */
export function specimenOf(id: string): Specimen {
  const card = demoPeople().find((one) => one.id === id);
  if (!card) throw new Error(`nobody is called ${id}`);
  const { name, sex, ethnicity, birth, address, number } = parseCardText(card.text);
  return {
    name,
    sex: sexName(sex) ?? '',
    ethnicity: ethnicityName(ethnicity) ?? '',
    birth,
    address,
    number,
  };
}

/** A card about as a document camera sees it. */
export const SHOT: Shot = {
  width: 1280,
  height: 960,
  share: 0.83,
  angle: 1.5,
  shiftX: 0.005,
  shiftY: -0.004,
  blur: 0.7,
  noise: 18,
  shade: 0.2,
  seed: 1,
  digits: '"DejaVu Sans Mono"',
};

/** Draws the pictures in a browser of their own, as JPEG. */
export async function takePictures(of: readonly (readonly [Specimen, Shot])[]): Promise<Buffer[]> {
  const browser = await chromium.launch({
    executablePath: process.env['ZONGCHUANG_BROWSER'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    const pictures: Buffer[] = [];
    for (const [person, shot] of of) {
      const address = await page.evaluate<string>(
        `(${drawSpecimen.toString()})(${JSON.stringify(person)}, ${JSON.stringify(shot)}).toDataURL('image/jpeg', 0.9)`,
      );
      pictures.push(Buffer.from(address.split(',')[1] ?? '', 'base64'));
    }
    return pictures;
  } finally {
    await browser.close();
  }
}
