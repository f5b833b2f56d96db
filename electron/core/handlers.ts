import { CodedError } from '../../shared/contract/errors.ts';
import type { Handlers } from '../../shared/contract/index.ts';
import type { CorePorts } from './ports/core-ports.ts';
import { runChecks } from './diagnostics/run-checks.ts';
import type { Services } from './services.ts';

/** Answers everything the contract lets the window ask. A handler may throw at once: the core makes it a rejection. */
export function handlersOf(ports: CorePorts, services: Services): Handlers {
  const { settings, journal, care, deviceFile, central, reader, photos, spool, hallData } = services;

  const assertDemo = (): void => {
    if (settings.read().settings.reader.mode === 'real' || reader.status().reader?.demo === false) {
      throw new CodedError('ID_CARD_DEMO_ONLY', 'a real reader is in use');
    }
  };

  return {
    'app.boot': () =>
      Promise.resolve({
        version: ports.version,
        shell: ports.shell,
        capabilities: ports.capabilities,
        device: deviceFile.current()?.device ?? null,
        clerk: hallData.clerks.signedIn() ?? settings.read().settings.clerk,
        ...services.windowKeys,
        notices: services.notices(),
      }),
    'app.report': ({ where, message }) => {
      ports.log.write('error', 'window', where, { message });
      return Promise.resolve({});
    },
    'card.status': () => Promise.resolve(reader.status()),
    'card.photoStatus': () => photos.status(),
    'card.demoCards': () => Promise.resolve(ports.demoCards.list()),
    'card.placeDemo': ({ id }) => {
      assertDemo();
      ports.demoCards.place(id);
      return Promise.resolve({});
    },
    'card.liftDemo': () => {
      assertDemo();
      ports.demoCards.lift();
      return Promise.resolve({});
    },
    'reader.devices': () => services.readerAdmin.devices(),
    'reader.probe': (input) => services.readerAdmin.probe(input),
    'reader.testRead': (input) => services.readerAdmin.testRead(input),
    'reader.endTest': () => services.readerAdmin.endTest(),
    'reader.frames': (input) => services.readerAdmin.frames(input),
    'journal.append': (input) => journal.append(input),
    'journal.head': () => Promise.resolve(journal.head()),
    'journal.read': (input) => journal.read(input),
    'journal.compare': async ({ own }) => ({ missing: await journal.compare(own) }),
    'journal.restore': async ({ events }) => ({ taken: await journal.restore(events) }),
    'journal.status': () => care.status(),
    'journal.export': (input) => care.export(input),
    'journal.import': (input) => care.import(input),
    'central.status': () => Promise.resolve(central.status()),
    'central.enrol': async (input) => {
      const device = await central.enrol(input);
      hallData.enrolled();
      return device;
    },
    'central.hello': async (input) => {
      const greeting = await central.hello(input);
      hallData.greeted(greeting.epoch);
      care.greeted();
      return greeting;
    },
    'central.push': () => central.push(),
    'central.pull': (input) => central.pull(input),
    'central.snapshot': (input) => central.snapshot(input),
    'central.want': (input) => central.want(input),
    'central.donate': (input) => central.donate(input),
    'central.ask': (input) => central.ask(input),
    'print.submit': (input) => spool.submit(input),
    'print.list': ({ keys }) => Promise.resolve(spool.list(keys)),
    'print.resolve': ({ key, outcome, clerk }) => spool.resolve(key, outcome, clerk),
    'print.preview': ({ key }) => spool.preview(key),
    'print.check': ({ printer }) => services.checkPrinter(printer),
    'print.find': () => ports.findPrinters(),
    'clerk.state': () => Promise.resolve(hallData.clerks.state()),
    'clerk.signIn': (input) => hallData.clerks.signIn(input),
    'clerk.signOut': () => {
      hallData.clerks.signOut();
      return Promise.resolve({});
    },
    'clerk.list': () => Promise.resolve(hallData.clerks.list()),
    'master.read': ({ name }) => Promise.resolve(hallData.master.read(name)),
    'blob.put': ({ base64 }) => hallData.blobs.put(base64),
    'blob.status': async ({ hashes }) => ({ blobs: await hallData.blobs.status(hashes) }),
    'blob.get': ({ hash }) => hallData.blobs.get(hash),
    'settings.read': () => Promise.resolve(settings.read()),
    'settings.write': ({ settings: change }) => services.changeSettings(change),
    'diagnostics.run': () =>
      runChecks({
        profile: ports.paths.profile,
        journal: () => care.status(),
        notices: () => services.notices(),
        reader: () => reader.status(),
        printer: () => services.printer(),
        sheets: () => spool.list(),
        line: () => central.status(),
        protection: ports.secrets.protection,
        skewMs: () => central.skewMs(),
      }),
  };
}
