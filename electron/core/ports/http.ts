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

/** Rejects with CodedError CENTRAL_UNREACHABLE when no complete answer came in time. */
export interface HttpPort {
  request(request: HttpRequest): Promise<HttpResponse>;
}
