import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { figures } from './figures.mjs';
import { freePort, lookInto, momentOf, newPlace, startProgram } from './program.mjs';

/**
 * From the keystroke of `npm start` (built, enrolled, server and PostgreSQL started beside it) to a counter that takes
 * input. Beside it the least anybody could do: the same browser opening an empty page.
 */
export async function coldStart(place, runs) {
  const ours = [];
  const port = await freePort();
  for (let run = 0; run <= runs; run++) {
    const program = startProgram(place, port);
    const { browser, page } = await lookInto(place.debugPort, 90_000);
    const usable = await momentOf(page, 'usable');
    // The first start enrols and fills the disk cache; it is not counted.
    if (run > 0) ours.push(usable - program.began);
    await browser.close();
    await program.stop();
  }
  const bare = [];
  for (let run = 0; run < runs; run++) bare.push(await bareBrowser());
  return {
    name: 'cold start to usable counter',
    unit: 'ms',
    target: 2500,
    ours: figures(ours),
    beside: { name: 'the browser alone, empty page', ...figures(bare) },
  };
}

async function bareBrowser() {
  const place = await newPlace();
  const began = Date.now();
  const child = spawn(
    place.browser,
    [
      '--no-sandbox',
      '--no-first-run',
      `--user-data-dir=${join(place.folder, 'data')}`,
      '--app=data:text/html,<h1>empty</h1>',
    ],
    { stdio: 'ignore' },
  );
  const { browser, page } = await lookInto(place.debugPort);
  const painted = await page.evaluate(async () => {
    for (;;) {
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      if (paint) return performance.timeOrigin + paint.startTime;
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
  const gone = new Promise((done) => child.once('exit', done));
  // Closed in order: its helper processes write into the profile until they are told to end.
  await (await browser.newBrowserCDPSession()).send('Browser.close').catch(() => undefined);
  await gone;
  place.remove();
  return painted - began;
}
