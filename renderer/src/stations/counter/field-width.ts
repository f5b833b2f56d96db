import type { FormField } from '../../../../shared/domain/item/item.ts';

/** Values of so many characters and more are sentences: addresses, reasons. */
const LONG = 61;
/** Values of so few fit a sixth of the line. */
const SHORT = 2;

/**
 * How much of the line a field takes. From its description alone and never from its value, so that a value that
 * arrives moves nothing.
 */
export function fieldWidth(field: FormField): 'short' | 'normal' | 'long' {
  const fromCard = field.fill.find((rule) => rule.from === 'card')?.field;
  if (fromCard === 'address') return 'long';
  if (fromCard === 'sexName' || fromCard === 'ethnicityName') return 'short';
  if (fromCard !== undefined) return 'normal';
  const { maxLength, enum: options } = field.schema;
  if (options?.every((option) => Array.from(option).length <= SHORT) === true) return 'short';
  return maxLength !== undefined && maxLength >= LONG ? 'long' : 'normal';
}
