import { record } from '../fold-event.ts';
import type { CaseAcceptedBody } from './case.ts';

const TEXTS = ['caseNo', 'ticket', 'hallName', 'stationName', 'clerkName', 'enquiryPhone'];

/** Whether a body has what every reader of an accepted case relies on; more than that is left alone. */
export function isAcceptedBody(value: unknown): value is CaseAcceptedBody {
  const body = record(value);
  if (body === null || !TEXTS.every((key) => typeof body[key] === 'string')) return false;
  const promised = record(body['promised']);
  return (
    hasTexts(body['item'], ['code', 'version', 'name', 'department', 'sealOwner', 'kind']) &&
    isApplicant(body['applicant']) &&
    isRecordOf(body['answers'], (answer) => typeof answer === 'string') &&
    isRecordOf(body['form'], (field) =>
      hasTexts(field, ['value', 'source', 'sourceDate', 'sourceRef', 'acceptedBy']),
    ) &&
    Array.isArray(body['materials']) &&
    body['materials'].every((material) => hasTexts(material, ['id', 'name', 'state'])) &&
    typeof body['feeFen'] === 'number' &&
    hasTexts(promised, ['date', 'calendar']) &&
    typeof promised?.['certain'] === 'boolean'
  );
}

/** What belongs to version 1 and nothing else: a stray key must not pass for a part of the folded case. */
const PARTS: readonly (keyof CaseAcceptedBody)[] = [
  'caseNo',
  'item',
  'applicant',
  'answers',
  'form',
  'materials',
  'feeFen',
  'promised',
  'ticket',
  'hallName',
  'stationName',
  'clerkName',
  'enquiryPhone',
];

/** @param body as {@link isAcceptedBody} has found it */
export function readerParts(body: unknown): CaseAcceptedBody {
  const all = body as CaseAcceptedBody;
  return Object.fromEntries(PARTS.map((part) => [part, all[part]])) as unknown as CaseAcceptedBody;
}

function isApplicant(value: unknown): boolean {
  const document = record(value)?.['document'];
  return (
    hasTexts(value, ['name', 'idType', 'idNumber', 'identifiedBy']) &&
    (document === null || hasTexts(document, ['type', 'name', 'number', 'birth', 'sex']))
  );
}

function hasTexts(value: unknown, keys: readonly string[]): boolean {
  const found = record(value);
  return found !== null && keys.every((key) => typeof found[key] === 'string');
}

function isRecordOf(value: unknown, holds: (entry: unknown) => boolean): boolean {
  const found = record(value);
  return found !== null && Object.values(found).every(holds);
}
