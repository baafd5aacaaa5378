// What a subcommand gets: the world, the two outputs, and where things are kept.
import type { Indexer } from '../layers/indexer';
import type { Host } from '../primitives/host';

export interface Cli {
  host: Host;
  indexer: Indexer;
  version: string;
  /** Absolute. */
  workingDirectory: string;
  signal: AbortSignal;
  /** The report, or a file's bytes. */
  out(data: string | Uint8Array): void;
  /** Progress, logs and errors. */
  err(text: string): void;
  /** True when progress may be redrawn on standard error. */
  terminal: boolean;
  columns: number;
}
