import { hostname } from 'node:os';
import type { Device } from '../../../shared/contract/app.ts';
import type { LineState } from '../../../shared/contract/central.ts';
import type { Output, ParsedInput } from '../../../shared/contract/index.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { enrolAnswer, PROTOCOL, type Certificate, type Place } from '../../../shared/sync/messages.ts';
import type { Journal } from '../journal/journal.ts';
import { createTurns } from '../../../shared/sync/turns.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { HttpPort, HttpResponse } from '../ports/http.ts';
import type { LogPort } from '../ports/log.ts';
import { systemRandom, type RandomPort } from '../ports/random.ts';
import { createAsk } from './ask.ts';
import type { DeviceFile } from './device-file.ts';
import type { DeviceKey } from './device-key.ts';
import { createDonation } from './donation.ts';
import { createHints } from './hints.ts';
import { createLine } from './line.ts';
import { createPages } from './pages.ts';
import { createPush } from './push.ts';
import { createRecall } from './recall.ts';
import { isThisMachine, serverAddress } from './server-address.ts';
import { createSession, HELLO_LIMIT_MS, type Session, type SessionFetch, type Standing } from './session.ts';
import { callServer } from './wire.ts';

/** How long a move to another place waits for what was made at the old one, milliseconds. */
const SEND_FIRST_MS = 5_000;

/** The line to the server (sync.md "Messages"). Whatever the server says, nothing here deletes anything. */
export interface Central {
  status(): LineState;
  /** @throws CodedError CENTRAL_BAD_ADDRESS, CENTRAL_UNREACHABLE, CENTRAL_NOT_OURS, CENTRAL_CODE_REFUSED */
  enrol(input: { server: string; code: string }): Promise<Device>;
  hello(standing: Standing): Promise<Output<'central.hello'>>;
  push(): Promise<Output<'central.push'>>;
  pull(input: ParsedInput<'central.pull'>): Promise<Output<'central.pull'>>;
  snapshot(input: ParsedInput<'central.snapshot'>): Promise<Output<'central.snapshot'>>;
  want(input: ParsedInput<'central.want'>): Promise<Output<'central.want'>>;
  donate(input: ParsedInput<'central.donate'>): Promise<Output<'central.donate'>>;
  ask(input: ParsedInput<'central.ask'>): Promise<Output<'central.ask'>>;
  /** A call that does not speak JSON, by the same session: master data and blobs. */
  fetch(call: SessionFetch): Promise<HttpResponse>;
  /** A call of the session with the server. */
  call: Session['call'];
  /** Server's clock minus ours, milliseconds; null before the first hello. */
  skewMs(): number | null;
  stop(): Promise<void>;
}

export function createCentral(ports: {
  http: HttpPort;
  clock: ClockPort;
  log: LogPort;
  journal: Journal;
  key: DeviceKey;
  deviceFile: DeviceFile;
  version: string;
  /** Name of this computer, for the administrator; the system's by default. */
  machine?: string;
  /** Boot nonce and what keeps proxies from answering; the system's randomness by default. */
  random?: RandomPort;
  onState: (state: LineState) => void;
  onHint: (head: number) => void;
  onNotice: (name: string) => void;
}): Central {
  const { clock, log, journal, key, deviceFile, random = systemRandom } = ports;
  const server = (): string | null => deviceFile.current()?.server ?? null;
  const line = createLine({
    clock,
    server: server(),
    acknowledgedSeq: () => journal.acknowledged(),
    skewMs: () => session.skewMs(),
    onChange: ports.onState,
  });
  // Hello and push move one and the same place in the journal: never both at once.
  const turns = createTurns();
  let stopped = false;

  const session = createSession({
    ...ports,
    machine: ports.machine ?? hostname(),
    line,
    server,
    certificate: () => deviceFile.current()?.certificate ?? null,
    onPlace: takePlace,
    onTwin: () => ports.onNotice('device-cloned'),
    onOpen: ({ head, epoch }) => {
      if (!stopped) hints.listen(head, epoch);
    },
  });
  const hints = createHints({ session, clock, onHint: ports.onHint });
  const pages = createPages({ session, random }, (epoch, head) => {
    journal.heardEpoch(epoch);
    hints.seen(head);
  });
  const donation = createDonation({ session, log });
  const recall = createRecall({ journal, donation, dev: key.dev, log });
  const ask = createAsk({ session, clock, log });
  const push = createPush({
    session,
    journal,
    key,
    hall: () => deviceFile.current()?.device.hall ?? '',
    plain: () => isThisMachine(server() ?? ''),
    clock,
    log,
    onFork: () => {
      ports.onNotice('central-fork');
      line.heard('online', 'CENTRAL_FORK');
    },
  });

  /** The server knows this device under another window or series than it last said, or says it for the first time. */
  async function takePlace(place: Place, certificate: Certificate): Promise<void> {
    const enrolment = deviceFile.current();
    if (!enrolment) return;
    const before = enrolment.device;
    // Another hall is another stream and another store: that takes a person with a code.
    if (place.dev !== before.dev || place.hall !== before.hall)
      throw new CodedError('CENTRAL_DEVICE_REFUSED', 'moved to another hall');
    await deviceFile.save({ ...enrolment, device: place, certificate });
    if (place.station === before.station && place.series === before.series) return;
    log.write('warning', 'central', 'place changed', { station: place.station, series: place.series });
    ports.onNotice('device-place-changed');
    if (place.station !== before.station)
      await journal.enrol({ hall: place.hall, dev: place.dev, station: place.station });
  }

  /** What was made at the place so far goes out from there, as long as it still is our place (fault 26). */
  async function sendFirst(): Promise<void> {
    if (!deviceFile.current() || journal.unsentCount() === 0) return;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(SEND_FIRST_MS, resolve);
    });
    // Without a line it stays in the journal, and the clerk is told below.
    await Promise.race([push().catch(() => undefined), late]);
    cancel();
  }

  async function enrol(typed: string, code: string): Promise<Device> {
    const address = serverAddress(typed);
    await sendFirst();
    // Counted now: once the server has moved us, what it says of this device is about the other hall.
    const unsent = journal.unsentCount();
    const answer = await callServer(ports, {
      method: 'POST',
      url: `${address}/v1/enrol`,
      body: { proto: PROTOCOL, code, dev: key.dev, publicKey: key.publicKey },
      schema: enrolAnswer,
      timeoutMs: HELLO_LIMIT_MS,
    });
    if (!answer.ok) {
      if (answer.refusal.error === 'code') throw new CodedError('CENTRAL_CODE_REFUSED', 'code');
      if (answer.refusal.error === 'device') throw new CodedError('CENTRAL_DEVICE_REFUSED', 'device');
      throw new CodedError('CENTRAL_BAD_ANSWER', `enrol: ${answer.refusal.error}`);
    }
    const { certificate, ...device } = answer.value;
    if (device.dev !== key.dev) throw new CodedError('CENTRAL_BAD_ANSWER', 'enrol: another device');
    await hints.stop();
    session.close();
    const left = deviceFile.current()?.device.hall === device.hall ? 0 : unsent;
    await deviceFile.save({ device, server: address, ...(certificate ? { certificate } : {}) });
    await journal.enrol({ hall: device.hall, dev: device.dev, station: device.station });
    if (left > 0) ports.onNotice('unsent-elsewhere');
    line.setServer(address);
    line.heard('online');
    log.write('info', 'central', 'enrolled', { hall: device.hall, station: device.station });
    return device;
  }

  return {
    status: line.state,
    enrol: (input) => turns.take(() => enrol(input.server, input.code)),
    hello: (standing) =>
      turns.take(async () => {
        const greeting = await session.hello(standing);
        await recall();
        return { ...greeting, acknowledgedSeq: journal.acknowledged() };
      }),
    push: () =>
      turns.take(async () => {
        if (!deviceFile.current()) throw new CodedError('DEVICE_NOT_ENROLLED', 'no server');
        await push();
        line.acknowledged();
        return { acknowledgedSeq: journal.acknowledged(), left: journal.unsentCount() };
      }),
    pull: (input) => pages.pull(input),
    snapshot: (input) => pages.snapshot(input),
    want: (input) => donation.want(input),
    donate: (input) => donation.donate(input),
    ask,
    call: (call) => session.call(call),
    fetch: (call) => session.fetch(call),
    skewMs: session.skewMs,
    async stop() {
      stopped = true;
      session.end();
      await hints.stop();
      await turns.idle();
    },
  };
}
