// What BuildKit would refuse in one instruction (instructions/parse.go, bflag.go), in plain words. It looks at the text
// alone: whether files, stages or images exist is not asked here, and a style that merely displeases is no rejection.
import { trimSpace } from './characters';
import { readHeredoc } from './heredoc';
import type { Flag } from './model';
import { mountRefusal } from './mount';
import { namedValues } from './words';

/** What the checks need of an instruction. */
export interface Candidate {
  /** Upper case. */
  keyword: string;
  flags: readonly Flag[];
  rest: string;
  json: string[] | 'not strings' | null;
  /** The words of `rest`, see wordPieces. */
  pieces: readonly string[][];
}

type FlagKind = 'switch' | 'once' | 'many';

const flagsOf: Record<string, Record<string, FlagKind>> = {
  ADD: {
    chown: 'once',
    chmod: 'once',
    link: 'switch',
    'keep-git-dir': 'switch',
    checksum: 'once',
    unpack: 'switch',
    exclude: 'many',
  },
  COPY: { chown: 'once', chmod: 'once', from: 'once', link: 'switch', parents: 'switch', exclude: 'many' },
  FROM: { platform: 'once' },
  HEALTHCHECK: {
    interval: 'once',
    timeout: 'once',
    'start-period': 'once',
    'start-interval': 'once',
    retries: 'once',
  },
  RUN: { mount: 'many', network: 'once', security: 'once', device: 'many' },
};

const keywords = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];
const known = new Set(keywords);

export function isKnownKeyword(keyword: string): boolean {
  return known.has(keyword);
}

/** Why BuildKit would refuse the instruction; null when nothing in its own text is wrong. */
export function rejectionOf(candidate: Candidate, escapeChar: string): string | null {
  const { keyword, json } = candidate;
  if (!known.has(keyword)) return unknownKeyword(keyword);
  if (json === 'not strings') return `the array of ${keyword} may hold strings only`;
  return (
    rejectedArguments(candidate, json, escapeChar) ??
    (ignoresFlags(candidate) ? null : rejectedFlags(candidate))
  );
}

function unknownKeyword(keyword: string): string {
  if (keyword === '') return 'this line holds nothing but the sign that it goes on';
  const shown = keyword.length > 40 ? `${keyword.slice(0, 40)}…` : keyword;
  const near = nearKeyword(keyword);
  return `unknown instruction ${shown}${near ? `; did you mean ${near}?` : ''}`;
}

/** The keyword that an unknown one was most likely meant to be; null when none is near. */
export function nearKeyword(keyword: string): string | null {
  return (/^[A-Z]+$/.test(keyword) && keywords.find((one) => isNear(keyword, one))) || null;
}

/** One letter too many, too few or wrong, or two neighbours swapped. */
function isNear(typed: string, meant: string): boolean {
  if (Math.abs(typed.length - meant.length) > 1) return false;
  let same = 0;
  while (same < typed.length && typed[same] === meant[same]) same++;
  const [a, b] = [typed.slice(same), meant.slice(same)];
  const swapped = a.length > 1 && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return swapped || a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1);
}

function rejectedArguments(
  { keyword, rest, pieces: words }: Candidate,
  json: string[] | null,
  escapeChar: string,
): string | null {
  switch (keyword) {
    case 'ADD':
    case 'COPY': {
      if (words.length < 2) return `${keyword} needs a source and a destination`;
      const last = readHeredoc(words.at(-1)![0]!);
      return last && typeof last !== 'string' ? `the destination of ${keyword} cannot be a heredoc` : null;
    }
    case 'ENV':
    case 'LABEL': {
      if (rest === '') return `${keyword} needs at least one name=value`;
      if (words.some(([name]) => name === '')) return `a name of ${keyword} is empty`;
      const { error } = namedValues(rest, escapeChar);
      return error === null ? null : `${keyword}: ${error}`;
    }
    case 'ARG':
      if (words.length === 0) return 'ARG needs at least one name';
      return words.some(([name, value]) => name === '' && value !== undefined)
        ? 'a name of ARG is empty'
        : null;
    case 'FROM':
      return rejectedFrom(words.map(([word]) => word!));
    case 'WORKDIR':
    case 'USER':
    case 'STOPSIGNAL':
    case 'MAINTAINER':
      return words.length === 0 ? `${keyword} needs an argument` : null;
    case 'EXPOSE':
      return words.length === 0 ? 'EXPOSE needs at least one port' : null;
    case 'VOLUME':
      if (words.length === 0) return 'VOLUME needs at least one path';
      return words.some(([path]) => trimSpace(path ?? '') === '') ? 'a path of VOLUME is empty' : null;
    case 'SHELL':
      if (rest === '' || json?.length === 0) return 'SHELL needs at least one argument';
      return json === null ? 'SHELL takes its arguments as a JSON array: SHELL ["/bin/bash", "-c"]' : null;
    case 'ONBUILD':
      return rejectedTrigger(rest);
    case 'HEALTHCHECK':
      return rejectedHealthcheck(rest, json);
    default:
      return null;
  }
}

function rejectedFrom(words: string[]): string | null {
  if (words.length === 1) return null;
  if (words.length !== 3 || words[1]!.toUpperCase() !== 'AS') {
    return words.length === 0 ? 'FROM needs an image' : 'FROM takes an image, or an image, AS and a name';
  }
  return stageName(words) === null
    ? `"${words[2]}" cannot name a stage: a letter, then letters, digits, "-", "_" and "."`
    : null;
}

/** The name that the words of a FROM give their stage, in lower case; null when they give none that is allowed. */
export function stageName(words: string[]): string | null {
  const name = words.length === 3 && words[1]!.toUpperCase() === 'AS' ? words[2]!.toLowerCase() : '';
  return /^[a-z][a-z0-9-_.]*$/.test(name) ? name : null;
}

function rejectedTrigger(rest: string): string | null {
  const trigger = /^[^\t\v\f\r ]*/.exec(rest)![0].toUpperCase();
  if (trigger === '') return 'ONBUILD needs an instruction';
  if (trigger === 'ONBUILD') return 'an ONBUILD cannot declare another ONBUILD';
  return trigger === 'FROM' || trigger === 'MAINTAINER' ? `ONBUILD cannot declare ${trigger}` : null;
}

/** ARG, STOPSIGNAL and HEALTHCHECK NONE never look at their flags. */
function ignoresFlags({ keyword, rest }: Candidate): boolean {
  return (
    keyword === 'ARG' || keyword === 'STOPSIGNAL' || (keyword === 'HEALTHCHECK' && /^none(?!\S)/i.test(rest))
  );
}

function rejectedHealthcheck(rest: string, json: string[] | null): string | null {
  const [type = '', ...others] = rest.split(/\s+/);
  switch (type.toUpperCase()) {
    case '':
      return 'HEALTHCHECK needs CMD and a command, or NONE';
    case 'NONE':
      return others.length > 0 ? 'HEALTHCHECK NONE takes no arguments' : null;
    case 'CMD':
      return others.length === 0 || json?.length === 0 ? 'HEALTHCHECK CMD needs a command' : null;
    default:
      return `HEALTHCHECK knows CMD and NONE, not ${type}`;
  }
}

function rejectedFlags({ keyword, flags }: Candidate): string | null {
  const kinds = flagsOf[keyword] ?? {};
  const used = new Set<string>();
  for (const { name, value } of flags) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind) return `${keyword} has no flag --${name}`;
    if (used.has(name) && kind !== 'many') return `--${name} is given twice`;
    used.add(name);
    if (kind === 'switch') {
      if (value !== null && !/^(true|false)$/i.test(value))
        return `--${name} is true or false, not "${value}"`;
      continue;
    }
    if (value === null) return `--${name} needs a value`;
    const refusal = rejectedValue(name, value);
    if (refusal) return refusal;
  }
  return null;
}

const duration = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

function rejectedValue(flag: string, value: string): string | null {
  switch (flag) {
    case 'mount':
      return mountRefusal(value);
    case 'network':
      return /^(default|none|host)$/.test(value)
        ? null
        : `--network is default, none or host, not "${value}"`;
    case 'security':
      return /^(sandbox|insecure)$/.test(value) ? null : `--security is sandbox or insecure, not "${value}"`;
    case 'interval':
    case 'timeout':
    case 'start-period':
    case 'start-interval':
      return value === '' || duration.test(value)
        ? null
        : `--${flag} is a duration such as 30s, not "${value}"`;
    case 'retries':
      return value === '' || /^\+?\d+$/.test(value) ? null : `--retries is a count, not "${value}"`;
    default:
      return null;
  }
}
