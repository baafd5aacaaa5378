// The network as the core sees it: one HTTP request at a time, its answer read as a stream. Interfaces only;
// host/nodeNetwork.ts implements them. What is asked of a registry and who may be told a password: image/registry*.ts.

export interface NetworkRequest {
  /** Default: GET. */
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Readonly<Record<string, string>>;
  /** Text sent with a POST. */
  body?: string;
  signal?: AbortSignal;
  /**
   * Redirects that are followed; beyond, the redirect itself is the answer. Default: 0. `authorization` does not follow
   * to another origin, nothing follows from https to http, and a POST is never sent again.
   */
  maxRedirects?: number;
  /** ms without a byte, of the answer's head or its body, after which it is given up. Default: 30,000. */
  idleMs?: number;
}

export interface NetworkAnswer {
  status: number;
  /** Null for a header that did not come; several of one name are joined with `, `. */
  headers: { get(name: string): string | null };
  /** Throws as `request`. To be read once; ending the loop early ends the transfer. */
  body: AsyncIterable<Uint8Array>;
  /** Ends the transfer when the body is not wanted. */
  discard(): Promise<void>;
}

export interface HostNetwork {
  /**
   * Any status is an answer. Throws StrataError('unreadable') when none came: no such host, refused, no trust in its
   * certificate, silence; ('cancelled') on abort. Errors show neither queries nor credentials.
   */
  request(url: string, request?: NetworkRequest): Promise<NetworkAnswer>;
}
