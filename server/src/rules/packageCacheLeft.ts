// Caches of package managers that a line leaves in its layer and that the image still shows. Found in the layer's files.
// Fixes empty them in the same RUN, or keep them in a cache mount, which makes the next build quicker too; both take
// files out of the image, so that they are for review.

import type { Instruction, TextEdit } from '../dockerfile/model';
import { mountOptions, mountTarget } from '../dockerfile/mount';
import type { Deposit } from '../image/model';
import { formatBytes } from '../primitives/bytes';
import { addFlag, appendCommand } from './appendCommand';
import { findingAt, groupByLine, type MeasuredContext, measuredContext, pathText } from './measured';
import { cacheMount, cleanCommand, packageCaches } from './packageManagers';
import type { Fix, Rule } from './rule';

export const packageCacheLeft: Rule = {
  name: 'PackageCacheLeft',
  severity: 'warning',
  summary: 'Package caches and lists that an install leaves behind are part of the image.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const byLine = groupByLine(measured.image.deposits, ({ kind, layer, visibleBytes }) =>
      packageCaches[kind] && visibleBytes > 0 ? measured.lineOf(layer) : null,
    );
    return byLine.flatMap(([line, deposits]) => {
      const bytes = deposits.reduce((sum, { visibleBytes }) => sum + visibleBytes, 0);
      if (bytes < measured.leastBytes) return [];
      const worth = deposits.filter(({ visibleBytes }) => visibleBytes >= bytes * tellingPart);
      const message = messageOf(worth, bytes);
      return [findingAt(packageCacheLeft, line, { message, bytes, fixes: fixesOf(measured, line, worth) })];
    });
  },
};

/** Smaller parts of a line's caches are neither named nor mended. */
const tellingPart = 0.05;

function messageOf(deposits: readonly Deposit[], bytes: number): string {
  const nameOf = ({ kind }: Deposit) => packageCaches[kind]!.name;
  if (deposits.length === 1) {
    const [{ path }] = deposits as [Deposit];
    return `${formatBytes(bytes)} of ${nameOf(deposits[0]!)} stay in the image (${pathText(path)})`;
  }
  const parts = deposits
    .slice(0, 4)
    .map((deposit) => `${nameOf(deposit)} ${formatBytes(deposit.visibleBytes)}`);
  return `${formatBytes(bytes)} of package caches stay in the image: ${parts.join(', ')}`;
}

function fixesOf(context: MeasuredContext, run: Instruction, deposits: readonly Deposit[]): Fix[] {
  if (run.keyword !== 'RUN') return [];
  const later = context.dockerfile.instructions.filter(
    ({ index, keyword }) => keyword === 'RUN' && index > run.index,
  );
  return [cleanFix(context, run, deposits, later), mountFix(context, run, deposits, later)].flatMap(
    (fix) => fix ?? [],
  );
}

/** RUNs that would miss what is in a cache. */
function needing({ kind }: Deposit, later: readonly Instruction[]): Instruction[] {
  const { neededBy, filledBy } = packageCaches[kind]!;
  return later.filter((run) => {
    const text = [run.rest, ...run.heredocs.map(({ body }) => body)].join('\n');
    return neededBy?.test(text) && !filledBy?.test(text);
  });
}

function cleanFix(
  context: MeasuredContext,
  run: Instruction,
  deposits: readonly Deposit[],
  later: readonly Instruction[],
): Fix | null {
  const cleaned = deposits.filter(
    (deposit) => cleanCommand(deposit) !== null && needing(deposit, later).length === 0,
  );
  const commands = [...new Set(cleaned.map((deposit) => cleanCommand(deposit)!))];
  const edit = commands.length > 0 ? appendCommand(context, run, commands.join(' && ')) : null;
  if (!edit) return null;
  const saves = cleaned.reduce((sum, { visibleBytes }) => sum + visibleBytes, 0);
  return {
    title: `Empty ${namesOf(cleaned)} in this RUN: saves ${formatBytes(saves)}`,
    effect: 'review',
    edits: [edit],
    isPreferred: true,
    saves,
    note: `Nothing that runs later, in the build or in a container, may need ${namesOf(cleaned)}.`,
  };
}

function mountFix(
  { dockerfile, rules }: MeasuredContext,
  run: Instruction,
  deposits: readonly Deposit[],
  later: readonly Instruction[],
): Fix | null {
  if (rules === 'classic') return null;
  const edits: TextEdit[] = [];
  const mounted: Deposit[] = [];
  for (const deposit of deposits) {
    const mount = cacheMount(deposit);
    if (!mount || hasMount(run, deposit.path)) continue;
    const needed = needing(deposit, later);
    // Whoever needs it must see the same mount; what is in another stage is not followed.
    if (needed.some(({ stage }) => stage !== run.stage)) continue;
    const own = [run, ...needed].map((one) => addFlag(dockerfile, one, mount));
    if (own.includes(null)) continue;
    edits.push(...(own as TextEdit[]));
    mounted.push(deposit);
  }
  if (mounted.length === 0) return null;
  const saves = mounted.reduce((sum, { visibleBytes }) => sum + visibleBytes, 0);
  const apt = mounted.some(({ kind }) => kind === 'apt-cache')
    ? ' Debian images delete packages after each install unless /etc/apt/apt.conf.d/docker-clean is removed.'
    : '';
  return {
    title: `Keep ${namesOf(mounted)} in a cache mount: saves ${formatBytes(saves)}`,
    effect: 'review',
    edits: united(edits),
    isPreferred: false,
    saves,
    note: `The cache is the builder's, not the image's: nothing in a container may need it.${apt}`,
  };
}

/** Insertions at one place become one edit, since edits of a fix must not overlap. */
function united(edits: readonly TextEdit[]): TextEdit[] {
  const byStart = new Map<number, TextEdit>();
  for (const edit of edits) {
    const before = byStart.get(edit.start);
    byStart.set(edit.start, before ? { ...before, text: before.text + edit.text } : edit);
  }
  return [...byStart.values()];
}

function hasMount({ flags }: Instruction, path: string): boolean {
  return flags.some(({ name, value }) => {
    const options = name === 'mount' && value !== null ? mountOptions(value) : null;
    return options && mountTarget(options)?.replace(/^\/|\/$/g, '') === path;
  });
}

function namesOf(deposits: readonly Deposit[]): string {
  const names = [...new Set(deposits.map(({ kind }) => `the ${packageCaches[kind]!.name}`))];
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
