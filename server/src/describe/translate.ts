// A sentence of the core in the editor's language: finds its template and fills the translation. Decides no wording. What
// fits no template, or has a part that fits none, stays English as a whole: half a translation reads worse than none.
import * as l10n from '@vscode/l10n';
import { sentenceParts } from './ruleSentences';
import { wholeSentences } from './sentences';

/** Longer ones hold somebody's text: matching them would cost more than they are worth. */
const longest = 1_000;

/** How deep parts may stand in parts. */
const deepest = 3;

const size = '-?\\d[\\d.,]* (?:[kMGTP]i?)?B';

/** What a placeholder may hold, by its name; any text for the others. */
const numbers: Record<string, string> = {
  line: '\\d+',
  otherLine: '\\d+',
  lines: '\\d+(?:, \\d+)*',
  count: '\\d[\\d,]*',
  most: '\\d[\\d,]*',
  bytes: size,
  part: size,
  all: size,
  time: '<?\\d[\\d.]* [smh](?: \\d\\d [sm])?',
  percent: '[\\d.]+%',
  program: '[a-z]+(?: or chown)?',
  item: '\\S+',
};

/** Placeholders that hold words of ours, which are translated too. */
const nested = new Set('who which what where list lines saves subject cache program'.split(' '));

/** Placeholders that may hold sentences: what a program said. */
const told = new Set(['said', 'reason', 'reasons']);
const anything = '[^\\n]+?';
/** A name or path: it ends no sentence. */
const within = "(?:(?!\\. [A-Z'])[^\\n])+?";

interface Template {
  english: string;
  /** Its longest piece of fixed text: most templates are ruled out by it, on each keystroke. */
  fixed: string;
  pattern: RegExp;
  names: string[];
}

function compiled(english: string): Template {
  const names: string[] = [];
  const [fixed = ''] = english.split(/\{\w+\}/).sort((a, b) => b.length - a.length);
  const source = english
    .split(/(\{\w+\})/)
    .map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (name === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(name);
      return `(${numbers[name] ?? (nested.has(name) || told.has(name) ? anything : within)})`;
    })
    .join('');
  return { english, fixed, pattern: new RegExp(`^${source}$`), names };
}

let whole: Template[] | null = null;
let parts: Template[] | null = null;

/** The sentence in the language that the server was configured for; the sentence itself where there is no translation. */
export function translated(sentence: string): string {
  if (sentence.length > longest) return sentence;
  whole ??= wholeSentences.map(compiled);
  return filled(whole, sentence, 0) ?? eachTranslated(sentence);
}

/** Of several sentences, as in a note, each on its own. */
function eachTranslated(text: string): string {
  const sentences = text.split(/(?<=[.?!]) (?=[A-Z'])/);
  if (sentences.length === 1) return text;
  return sentences.map(translated).reduce((all, one) => `${all}${all.endsWith('。') ? '' : ' '}${one}`);
}

/** Null: a text of no template. For tests too: whether the catalogue knows a sentence. */
export function hasTemplate(sentence: string): boolean {
  whole ??= wholeSentences.map(compiled);
  return filled(whole, sentence, 0) !== null;
}

function filled(templates: readonly Template[], text: string, depth: number): string | null {
  for (const { english, fixed, pattern, names } of templates) {
    if (!text.includes(fixed)) continue;
    const match = pattern.exec(text);
    if (!match) continue;
    const values: Record<string, string> = {};
    let isWhole = true;
    for (const [at, name] of names.entries()) {
      const value = nested.has(name) ? partOf(name, match[at + 1]!, depth + 1) : match[at + 1]!;
      if (value === null) isWhole = false;
      else values[name] = value;
    }
    if (isWhole) return l10n.t(english, values);
  }
  return null;
}

function partOf(name: string, text: string, depth: number): string | null {
  if (depth > deepest) return null;
  if (name === 'program' && text !== 'chmod or chown') return text;
  if (name === 'lines') return text.replaceAll(', ', l10n.t(', '));
  parts ??= sentenceParts.map(compiled);
  whole ??= wholeSentences.map(compiled);
  const one = (part: string) => filled(parts!, part, depth) ?? filled(whole!, part, depth);
  if (name === 'which') return one(text) ?? (text.startsWith('/') ? text : null);
  if (name !== 'list') return one(text);
  // Items at even places, what separates them between.
  const items = text.split(/(, | and )/).map((item, at) => (at % 2 === 0 ? one(item) : separator(item)));
  return items.includes(null) ? null : items.join('');
}

function separator(english: string): string {
  return english === ', ' ? l10n.t(', ') : l10n.t(' and ');
}
