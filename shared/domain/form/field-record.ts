/** Where a value came from; the screen shows it beside the value and the notice prints it. */
export type ValueSource =
  | 'card' // 身份证
  | 'case' // 旧办件
  | 'answer' // 询问
  | 'rule' // 按规定
  | 'typed' // 手工录入: the person, typed because the card could not be read
  | 'camera' // 拍照识别: the person, read off a picture of the document
  | 'scanner' // 扫描: the person, from a machine-readable zone or a scanned page
  | 'clerk' // 窗口录入
  | 'applicant'; // 本人填写

/** A value with its history (浙江省保障"最多跑一次"改革规定 §7: the person may disagree, and both are kept). */
export interface FieldRecord {
  value: string;
  source: ValueSource;
  /** When the source said so, `YYYY-MM-DD`; the day of the old case for `case`. */
  sourceDate: string;
  /** Reference of the source: card read id, case number, question id. '' when there is none. */
  sourceRef: string;
  /** Who accepted the value: a clerk's id. */
  acceptedBy: string;
  /** The value that was replaced, why, and what it came from. */
  replaced?: { value: string; source: ValueSource; sourceDate: string; reason: string };
  /** Another source that says something else (card against earlier case); shown side by side. */
  differs?: { value: string; source: ValueSource; sourceDate: string };
}

export type FieldRecords = Record<string, FieldRecord>;
