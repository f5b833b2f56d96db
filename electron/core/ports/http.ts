export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'HEAD';
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** The whole exchange, milliseconds. */
  timeoutMs: number;
  /** Ends the exchange early, e.g. a parked hint request at shutdown. */
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  contentType: string;
  /** All answer headers, names in lower case: the mark that tells our server from a captive portal, `retry-after`. */
  headers: Record<string, string>;
  /** As text. For `application/octet-stream` it is empty, and `bytes` has it. */
  body: string;
  bytes?: Uint8Array;
}

/** An answer that goes on and on: what the server says, as it says it. */
export interface HttpStreamRequest {
  url: string;
  headers: Record<string, string>;
  /** How long the beginning of the answer may take, milliseconds. */
  openMs: number;
  /** How long nothing may come before the stream counts as dead, milliseconds. */
  idleMs: number;
  signal: AbortSignal;
  /** The answer begins. @returns false to let go of it */
  onOpen: (answer: { status: number; contentType: string; headers: Record<string, string> }) => boolean;
  onText: (text: string) => void;
}

/** Rejects with CodedError CENTRAL_UNREACHABLE when no complete answer came in time. */
export interface HttpPort {
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Resolves when an opened stream is over, however it ended; rejects with CENTRAL_UNREACHABLE when none began. A port
   * that cannot do this leaves it out.
   */
  stream?: (request: HttpStreamRequest) => Promise<void>;
}
