import type { TimeLimit } from '../../../../shared/domain/item/item.ts';

type Translate = (key: string, params: Record<string, number>) => string;

/** A limit of time in words: 当场, 10 个工作日, 30 天. */
export function limitWords(limit: Pick<TimeLimit, 'days' | 'dayType'>, t: Translate): string {
  if (limit.days === 0) return t('limit.now', { n: 0 });
  return t(`limit.${limit.dayType}`, { n: limit.days });
}
