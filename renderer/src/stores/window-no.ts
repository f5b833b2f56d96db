/**
 * A station as people call it: `W3` → `3`, for sentences like 「由 3 号窗口呼叫」. A code of another shape is named whole.
 */
export function windowNo(station: string): string {
  return /^W0*(\d+)$/.exec(station)?.[1] ?? station;
}
