// Where a builder's program is and what it answers to a question. Decides the deadline and which name is looked for;
// what an answer means is detection's business.
import { isCancelled } from '../primitives/errors';
import type { Host, ProcessOptions, ProcessResult } from '../primitives/host';
import type { BuilderIdentity, BuilderKind, BuildRules } from './model';

export type ProgramName = 'docker' | 'podman' | 'buildah';
export type Programs = Partial<Record<ProgramName, string>>;

export const answerMs = 10_000;

export interface Located {
  program: string;
  /** One sentence; null when it is there. */
  missing: string | null;
}

/** STRATA_DOCKER and so on win, then the settings, then the name on PATH. */
export async function locate(host: Host, programs: Programs, name: ProgramName): Promise<Located> {
  const variable = `STRATA_${name.toUpperCase()}`;
  const program = host.environment[variable] || programs[name] || name;
  const file = await host.processes.find(program);
  if (file !== null) return { program: file, missing: null };
  const missing = program === name ? `${name} is not on PATH.` : `There is no program ${program} (${name}).`;
  return { program, missing };
}

export interface Answer extends ProcessResult {
  late: boolean;
}

/** @throws StrataError 'cancelled' alone: a program that cannot be started has no code */
export async function answer(
  host: Host,
  program: string,
  args: string[],
  signal: AbortSignal,
  options: Pick<ProcessOptions, 'cwd' | 'env'> = {},
): Promise<Answer> {
  try {
    const result = await host.processes.run(program, args, { ...options, signal, timeoutMs: answerMs });
    return { ...result, late: result.code === null };
  } catch (error) {
    if (isCancelled(error)) throw error;
    return { code: null, stdout: '', stderr: error instanceof Error ? error.message : '', late: false };
  }
}

/** `20.10.24+dfsg1` of `Docker version 20.10.24+dfsg1, build 297e128`; null when there is none, as in a build from source. */
export function versionIn(output: string): string | null {
  return /\bv?(\d+\.\d+[^\s,]*)/.exec(output)?.[1] ?? null;
}

/** Of a builder of which nothing is known yet. */
export function identityOf(kind: BuilderKind, rules: BuildRules): BuilderIdentity {
  return { kind, rules, version: null, engine: null, instance: null, driver: null };
}
