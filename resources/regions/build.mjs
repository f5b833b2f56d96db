/**
 * Makes gb2260.json from the package gb2260 (see README.md):
 *   node resources/regions/build.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const load = (name) => JSON.parse(readFileSync(require.resolve(`gb2260/${name}`), 'utf8'));

/**
 * Every code of every revision with its names, a text for each province: entries `0228密云县@0-17`, that is the last
 * four digits, the name, and the first and last revision that has it, counted from 0; without `@` it is in all.
 */
export function makeRegions() {
  const revisions = load('lib/revisions.json').sort();
  const spans = [];
  const open = new Map();
  revisions.forEach((revision, index) => {
    for (const [code, name] of Object.entries(load(`lib/${revision}.json`))) {
      const span = open.get(code);
      if (span?.name === name && span.last === index - 1) span.last = index;
      else {
        const begun = { code, name, first: index, last: index };
        open.set(code, begun);
        spans.push(begun);
      }
    }
  });
  spans.sort((a, b) => a.code.localeCompare(b.code) || a.first - b.first);
  const provinces = {};
  for (const { code, name, first, last } of spans) {
    if (/[\d@ ]/.test(name)) throw new Error(`${code}: ${name}`);
    const always = first === 0 && last === revisions.length - 1;
    const entry = code.slice(2) + name + (always ? '' : `@${first}-${last}`);
    const province = code.slice(0, 2);
    provinces[province] = provinces[province] ? `${provinces[province]} ${entry}` : entry;
  }
  const { name, version, license } = load('package.json');
  return { source: `${name} ${version} (${license})`, revisions: revisions.join(' '), provinces };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('gb2260.json', import.meta.url), JSON.stringify(makeRegions(), null, 2) + '\n');
}
