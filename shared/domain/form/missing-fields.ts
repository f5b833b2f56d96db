import type { Answers } from '../item/conditions.ts';
import type { FormField, Item } from '../item/item.ts';
import { applicableFields } from './autofill.ts';
import type { FieldRecords } from './field-record.ts';

/** The required fields of this situation that hold nothing yet, in the order of the form. */
export function missingFields(
  item: Pick<Item, 'form' | 'situations'>,
  answers: Answers,
  form: FieldRecords,
): FormField[] {
  return applicableFields(item, answers).filter((field) => field.required && valueOf(form, field.id) === '');
}

/** @returns the value a form holds for a field, '' when it holds none */
export function valueOf(form: FieldRecords, id: string): string {
  return Object.hasOwn(form, id) ? (form[id]?.value ?? '').trim() : '';
}
