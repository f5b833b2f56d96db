import type { CardFillField } from './item.ts';
import type { Shape } from './shape.ts';

const text = (max: number, pattern?: string): Shape => ({
  kind: 'text',
  max,
  ...(pattern === undefined ? {} : { pattern }),
});
const list = (of: Shape, min: number, max: number): Shape => ({ kind: 'list', of, min, max });
const object = (keys: Record<string, Shape>, optional: string[] = []): Shape => ({
  kind: 'object',
  keys,
  optional,
});
const whole = (min: number, max: number): Shape => ({ kind: 'whole', min, max });
const oneOf = (...values: string[]): Shape => ({ kind: 'text', max: 40, oneOf: values });

const id = text(40, '^[a-zA-Z][a-zA-Z0-9-]*$');
const flag: Shape = { kind: 'flag' };
/** Syllables in small letters, ü as v, parted by single blanks. */
const pinyin = text(1200, '^[a-z]+( [a-z]+)*$');

const limit = object({ days: whole(0, 3660), dayType: oneOf('working', 'calendar'), basis: text(200) }, [
  'basis',
]);

const condition: Shape = {
  kind: 'named',
  name: 'condition',
  shape: () => ({
    kind: 'either',
    options: [
      { key: 'question', shape: object({ question: id, is: list(id, 1, 9) }) },
      { key: 'all', shape: object({ all: list(condition, 1, 9) }) },
      { key: 'any', shape: object({ any: list(condition, 1, 9) }) },
      { key: 'not', shape: object({ not: condition }) },
    ],
  }),
};

/** Keys 1–9 answer, so there are at most nine options. */
const question = object(
  { id, ask: text(100), options: list(object({ id, label: text(60) }), 2, 9), when: condition },
  ['when'],
);

const material = object(
  {
    id,
    name: text(200),
    originals: whole(0, 99),
    copies: whole(0, 99),
    origin: oneOf('card', 'printed-here', 'brought'),
    required: flag,
    returned: flag,
    tolerated: limit,
    when: condition,
    note: text(300),
  },
  ['returned', 'tolerated', 'when', 'note'],
);

const cardFields: CardFillField[] = [
  'name',
  'sexName',
  'ethnicityName',
  'birth',
  'address',
  'number',
  'issuer',
  'validity',
  'documentTypeName',
  'nationality',
];

const fillRule: Shape = {
  kind: 'either',
  options: [
    { key: 'from', value: 'card', shape: object({ from: oneOf('card'), field: oneOf(...cardFields) }) },
    {
      key: 'from',
      value: 'case',
      shape: object({ from: oneOf('case'), field: id, withinDays: whole(1, 3660) }, ['field', 'withinDays']),
    },
    {
      key: 'from',
      value: 'answer',
      shape: object({ from: oneOf('answer'), question: id, map: { kind: 'map', of: text(200) } }, ['map']),
    },
    { key: 'from', value: 'rule', shape: object({ from: oneOf('rule'), value: text(200) }) },
  ],
};

const formField = object(
  {
    id,
    title: text(60),
    group: id,
    schema: object(
      {
        type: oneOf('string'),
        enum: list(text(100), 1, 80),
        pattern: text(300),
        minLength: whole(0, 1000),
        maxLength: whole(1, 1000),
        format: oneOf('date', 'mobile', 'citizen-number', 'money', 'bank-card'),
      },
      ['enum', 'pattern', 'minLength', 'maxLength', 'format'],
    ),
    required: flag,
    fill: list(fillRule, 0, 6),
    when: condition,
    hint: text(100),
  },
  ['when', 'hint'],
);

/** An item as a catalogue file holds it. Lengths follow GB/T 39046—2020 table 4 where it names one. */
export const ITEM_SHAPE: Shape = object(
  {
    // The national field is an..24; real local codes are longer, up to 55 characters seen.
    code: text(80, '^[0-9A-Za-z][0-9A-Za-z.-]*$'),
    version: text(20, '^[0-9A-Za-z.-]+$'),
    effectiveFrom: text(10, '^\\d{4}-\\d{2}-\\d{2}$'),
    name: text(200),
    pinyin,
    aliases: list(text(60), 0, 20),
    aliasPinyin: list(pinyin, 0, 20),
    category: text(40),
    department: object({ code: text(40), name: text(100) }),
    kind: oneOf('instant', 'committed'),
    legalLimit: limit,
    promisedLimit: limit,
    deemedAcceptance: oneOf('within-5-working-days', 'at-the-counter'),
    fee: object({
      amounts: list(
        object({ when: condition, fen: whole(0, 100_000_000), label: text(100) }, ['when']),
        1,
        20,
      ),
      basis: text(300),
    }),
    basis: list(text(200), 1, 20),
    sealOwner: text(100),
    enquiryPhone: text(40),
    situations: list(question, 0, 20),
    materials: list(material, 1, 60),
    formGroups: list(object({ id, title: text(40) }), 1, 20),
    form: list(formField, 1, 200),
    checked: oneOf('law-text', 'general-knowledge'),
    checkedNote: text(500),
  },
  ['aliasPinyin', 'checkedNote'],
);
