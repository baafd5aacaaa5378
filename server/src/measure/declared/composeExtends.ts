// What services of a compose file extend, merged below what they say themselves: another service of the same file, or one
// of another file, whose relative paths are meant from its own folder (compose-go 2.9, loader/extends.go). A service whose
// base cannot be had stays as it is, and why is told.
import * as path from 'node:path';
import { type Fields, fields } from '../../build/jsonFields';
import { merge } from './composeMerge';
import { withAbsolutePaths } from './composePaths';
import { isAddress, scalar } from './values';

export interface Extending {
  file: string;
  /** Relative paths of files that services extend are meant from here. */
  folder: string;
  /** A file with its variables put in; a sentence where there is none to be had. */
  read: (file: string) => Promise<Fields | string>;
  unread: (service: string, why: string) => void;
}

/** Of one chain. */
const deepest = 50;

export async function withExtended(document: Fields, extending: Extending): Promise<Fields> {
  if (document.services === undefined || document.services === null) return document;
  const services = fields(document.services);
  const found = new Map<string, Fields | string>();
  const all: [string, unknown][] = [];
  for (const [name, service] of Object.entries(services)) {
    const whole = await extended(name, services, extending, found, []);
    if (typeof whole === 'string')
      extending.unread(name, `What ${name.slice(0, 60)} extends was not read: ${whole}.`);
    all.push([name, service === null || typeof whole === 'string' ? withoutExtends(service) : whole]);
  }
  return { ...document, services: Object.fromEntries(all) };
}

/** The whole service, or why it cannot be had. */
async function extended(
  name: string,
  services: Fields,
  { file, folder, read, unread }: Extending,
  found: Map<string, Fields | string>,
  chain: readonly string[],
): Promise<Fields | string> {
  const own = fields(services[name]);
  const told = own.extends;
  if (told === undefined) return own;
  const known = found.get(name);
  if (known !== undefined) return known;
  const ref = scalar(told) ?? scalar(fields(told).service);
  if (ref === null) return 'it names no service';
  const link = `${file} ${name}`;
  if (chain.includes(link)) return `${name.slice(0, 60)} extends itself in the end, which compose refuses`;
  if (chain.length >= deepest) return `there are more than ${deepest} services one on the other`;
  const links = [...chain, link];
  const place = scalar(told) === null ? scalar(fields(told).file) : null;
  let base: Fields | string;
  if (place === null) {
    if (!Object.hasOwn(services, ref)) return `${path.basename(file)} has no service '${ref.slice(0, 60)}'`;
    base = await extended(ref, services, { file, folder, read, unread }, found, links);
  } else {
    if (isAddress(place)) return 'it is not on this machine, and that takes docker compose';
    const other = path.resolve(folder, place);
    const document = await read(other);
    if (typeof document === 'string') return document.replace(/\.$/, '');
    const inner = path.dirname(other);
    const theirs = fields(withAbsolutePaths(document, inner, false).services);
    if (!Object.hasOwn(theirs, ref)) return `${place} has no service '${ref.slice(0, 60)}'`;
    base = await extended(ref, theirs, { file: other, folder: inner, read, unread }, new Map(), links);
  }
  const whole = typeof base === 'string' ? base : (merge(base, withoutExtends(own), 0) as Fields);
  found.set(name, whole);
  return whole;
}

function withoutExtends(service: unknown): unknown {
  if (typeof service !== 'object' || service === null || Array.isArray(service)) return service;
  const { extends: _, ...own } = service as Fields;
  return own;
}
