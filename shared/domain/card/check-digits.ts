/** Check digits of the numbers on identity documents. */

/** GB 11643-1999: weights of the first 17 digits, and the check characters by remainder (ISO 7064 MOD 11-2). */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';

/**
 * The 18th character of a citizen number.
 * @param first17 17 decimal digits
 * @returns '0'–'9' or 'X', or null when the input is not 17 digits
 */
export function citizenCheckCharacter(first17: string): string | null {
  if (!/^\d{17}$/.test(first17)) return null;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return CHECK_CHARACTERS[sum % 11] ?? null;
}

/**
 * The 15th digit of a foreign permanent resident's number of 2017: weights 7, 3, 1 repeating, as in
 * machine-readable travel documents (ICAO 9303), with A = 10 … Z = 35, modulo 10.
 * @param first14 three letters and eleven digits
 * @returns one digit, or null when the input has another shape
 */
export function foreignCheckDigit(first14: string): string | null {
  if (!/^[A-Z]{3}\d{11}$/.test(first14)) return null;
  const sum = Array.from(first14).reduce(
    (total, c, i) => total + Number.parseInt(c, 36) * ([7, 3, 1][i % 3] ?? 0),
    0,
  );
  return String(sum % 10);
}
