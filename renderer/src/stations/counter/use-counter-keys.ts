import { CONFLICTS_PLACE, goTo, READERS_PLACE, SYNC_PLACE } from '../../app/places.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { useClerks } from '../../stores/clerks.ts';
import { useIntake } from '../../stores/intake.ts';
import { usePaper } from '../../stores/paper.ts';
import { useQueue } from '../../stores/queue.ts';
import { useCases } from '../../stores/cases.ts';
import { slipKey } from '../../stores/paper.ts';
import { useStrip } from '../../stores/strip.ts';
import { acceptOpenCase } from './accept-open-case.ts';
import { WAY_KEYS, type IdentifyWay } from './identify/identify-way.ts';
import { nextTickOf } from './material-ticks.ts';
import type { Flow } from './use-flow.ts';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/** The keys of the counter. Only keys that do something are bound; F1 lists exactly these. */
export function useCounterKeys(ports: {
  flow: Flow;
  showKeys: () => void;
  identify: (way: IdentifyWay) => void;
  askToClear: () => void;
}): void {
  const { flow } = ports;
  const intake = useIntake();
  const paper = usePaper();
  const queue = useQueue();
  const cases = useCases();
  const strip = useStrip();
  const clerks = useClerks();
  const called = (): boolean => queue.current !== null;

  const openQuestion = () =>
    intake.itemChosen ? intake.questions.find(({ id }) => !(id in intake.intake.answers)) : undefined;
  const lastSheet = () => (cases.saved ? paper.newestOf(slipKey(cases.saved.agg)) : undefined);
  const uncertain = (outcome: 'came-out' | 'reprint') => (): void => {
    if (paper.uncertain) void paper.resolve(paper.uncertain.key, outcome);
  };

  useShortcuts([
    { keys: ['F1'], group: 'screen', label: 'key.keys', run: ports.showKeys },
    { keys: ['F2'], group: 'call', label: 'key.callNext', run: () => void queue.callNext() },
    { keys: ['F3'], group: 'call', label: 'key.recall', when: called, run: () => void queue.recall() },
    { keys: ['F4'], group: 'call', label: 'key.noShow', when: called, run: () => void queue.noShow() },
    { keys: ['Ctrl+E'], group: 'call', label: 'key.finish', when: called, run: () => void queue.finish() },
    { keys: ['Ctrl+T'], group: 'call', label: 'key.take', run: () => void queue.take() },
    { keys: ['F9'], group: 'case', label: 'key.accept', run: () => void acceptOpenCase(flow) },
    { keys: ['Ctrl+K'], group: 'case', label: 'key.item', run: () => void flow.to({ kind: 'item' }) },
    {
      keys: DIGITS,
      shown: '1–9',
      group: 'case',
      label: 'key.answer',
      when: () => openQuestion() !== undefined,
      run: (key) => {
        const question = openQuestion();
        const option = question?.options[Number(key) - 1];
        if (!question || !option) return;
        intake.answer(question.id, option.id);
        void flow.next();
      },
    },
    {
      keys: ['Alt+Q'],
      group: 'case',
      label: 'key.unanswer',
      when: () => Object.keys(intake.intake.answers).length > 0,
      run: () => {
        intake.unanswer();
        void flow.next();
      },
    },
    {
      keys: DIGITS.map((digit) => `Ctrl+${digit}`),
      shown: 'Ctrl+1–9',
      group: 'case',
      label: 'key.material',
      when: () => intake.materials.length > 0,
      run: (key) => {
        const line = intake.materials[Number(key.slice(-1)) - 1];
        if (line) intake.tick(line.material.id, nextTickOf(line));
      },
    },
    {
      keys: ['Ctrl+0'],
      group: 'case',
      label: 'key.allMaterials',
      when: () => intake.materials.some(({ settled }) => !settled),
      run: () => {
        for (const line of intake.materials) {
          if (!line.settled) intake.tick(line.material.id, nextTickOf({ ...line, state: null }));
        }
        void flow.next();
      },
    },
    {
      keys: [WAY_KEYS.typed],
      group: 'card',
      label: 'key.typeApplicant',
      run: () => ports.identify('typed'),
    },
    { keys: [WAY_KEYS.camera], group: 'card', label: 'key.photograph', run: () => ports.identify('camera') },
    { keys: [WAY_KEYS.scan], group: 'card', label: 'key.scan', run: () => ports.identify('scan') },
    {
      keys: ['Escape'],
      group: 'case',
      label: 'key.clear',
      run: () => {
        if (strip.message) strip.clear();
        else ports.askToClear();
      },
    },
    { keys: ['Alt+R'], group: 'screen', label: 'readerPage.open', run: () => goTo(READERS_PLACE) },
    { keys: ['Alt+U'], group: 'screen', label: 'admin.sync', run: () => goTo(SYNC_PLACE) },
    { keys: ['Alt+H'], group: 'screen', label: 'admin.conflicts', run: () => goTo(CONFLICTS_PLACE) },
    {
      keys: ['Alt+K'],
      group: 'screen',
      label: 'signIn.out',
      when: () => clerks.signedIn !== null,
      run: () => void clerks.signOut(),
    },
    {
      keys: ['Alt+P'],
      group: 'screen',
      label: 'key.preview',
      when: () => lastSheet() !== undefined,
      run: () => {
        const sheet = lastSheet();
        if (sheet) void paper.openPreview(sheet);
      },
    },
    {
      keys: ['Alt+Y'],
      group: 'screen',
      label: 'key.cameOut',
      when: () => paper.uncertain !== null,
      run: uncertain('came-out'),
    },
    {
      keys: ['Alt+N'],
      group: 'screen',
      label: 'key.reprint',
      when: () => paper.uncertain !== null,
      run: uncertain('reprint'),
    },
    {
      keys: ['Alt+C'],
      group: 'card',
      label: 'key.switchPerson',
      when: () => intake.otherCard !== null,
      run: () => intake.switchToOtherCard(),
    },
    {
      keys: ['Alt+I'],
      group: 'card',
      label: 'key.ignoreCard',
      when: () => intake.otherCard !== null,
      run: () => intake.ignoreOtherCard(),
    },
  ]);
}
