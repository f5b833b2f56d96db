// Runs a stretch of seeds in one process and tells the parent, one line of JSON for each that failed.
import { pathToFileURL } from 'node:url';

const [bundle, from, count, step, twice] = process.argv.slice(2);
const { runSeed, shrink } = await import(pathToFileURL(bundle).href);
const say = (message) => process.send(message);

for (let seed = Number(from), done = 0; done < Number(count); seed += Number(step), done++) {
  const outcome = await runSeed(seed);
  const failures = [...outcome.failures];
  if (twice === 'twice') {
    const again = await runSeed(seed);
    if (again.hash !== outcome.hash) {
      const at = outcome.lines.findIndex((line, i) => line !== again.lines[i]);
      failures.push({
        what: 'not the same twice',
        text: `line ${at}: ${outcome.lines[at]} | ${again.lines[at]}`,
      });
    }
  }
  if (failures.length > 0) {
    const small = outcome.failures.length > 0 ? await shrink(outcome) : outcome;
    say({ seed, failures, faults: small.faults.map(({ kind }) => kind) });
  }
  say({
    done: 1,
    events: outcome.events,
    actions: outcome.actions,
    kinds: outcome.faults.map(({ kind }) => kind),
  });
}
say({ cpuMs: Object.values(process.cpuUsage()).reduce((sum, us) => sum + us, 0) / 1000 });
