// What every JavaScript runtime of ours has, although ES2023 does not name it. Nothing else may be added
// without checking that Node, Chromium and the server all have it.
declare function setTimeout(run: () => void, ms: number): number;
declare function clearTimeout(timer: number | undefined): void;
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label?: string);
  decode(bytes: Uint8Array): string;
}
