// Layer tars whose names climb out, print as something else, are no text or too long.
import { entry, type HostileLayer, inside, longName, pathBytes, twice } from './hostileLayer';
import { rawPax, rawTar } from './rawTar';

export const hostileNames: HostileLayer[] = [
  // Names
  { name: 'a name with ..', tar: () => rawTar(entry('a/../b')), expect: { bytes: 1, added: 1 } },
  {
    name: 'a name that climbs out',
    tar: () => rawTar(entry('../../etc/passwd')),
    expect: { bytes: 1, added: 2, notes: [inside] },
  },
  {
    name: 'a name that climbs out by PAX',
    tar: () => rawTar(rawPax([['path', 'x/../../../etc/passwd']]), entry('a')),
    expect: { bytes: 1, added: 2, notes: [inside] },
  },
  {
    name: 'a name that is .. alone',
    tar: () => rawTar(entry('..', 'xyz')),
    expect: { bytes: 0, added: 0, notes: [inside] },
  },
  { name: 'an absolute name', tar: () => rawTar(entry('/etc/shadow')), expect: { bytes: 1, added: 2 } },
  {
    name: 'an absolute name with many slashes',
    tar: () => rawTar(entry('////etc//shadow')),
    expect: { bytes: 1, added: 2 },
  },
  {
    name: 'a name with a drive',
    tar: () => rawTar(entry('C:\\Windows\\system32')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a UNC name',
    tar: () => rawTar(entry('\\\\server\\share\\file'), entry('//server/share/file')),
    expect: { bytes: 2, added: 4 },
  },
  {
    name: 'a name of a reserved device of Windows',
    tar: () => rawTar(entry('CON'), entry('nul.txt'), entry('a:stream')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with newlines, tabs and carriage returns',
    tar: () => rawTar(entry('a\nb'), entry('a\tb'), entry('a\rb')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with terminal escapes',
    tar: () => rawTar(entry('\u001b[31mred\u001b[0m'), entry('\u001b]0;title\u0007')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with HTML',
    tar: () => rawTar(entry('<img src=x onerror=alert(1)>'), entry('&lt;')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with right-to-left marks',
    tar: () => rawTar(entry('gpj.\u202eexe'), entry('\u2066x\u2069')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with markdown and command links',
    tar: () => rawTar(entry('[x](command:evil)'), entry('`$(id)`')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'a NUL ends a name of the header',
    tar: () => rawTar(entry('a\0b'), entry('a\0c')),
    expect: { bytes: 1, added: 1, notes: [twice] },
  },
  { name: 'a name of blanks', tar: () => rawTar(entry(' '), entry('  ')), expect: { bytes: 2, added: 2 } },
  {
    name: 'an empty name is the root itself',
    tar: () => rawTar(entry('', 'xyz')),
    expect: { bytes: 0, added: 0 },
  },
  {
    name: 'names of dots',
    tar: () => rawTar(entry('...'), entry('.. '), entry('./././.', '')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that differ in normal form only',
    tar: () => rawTar(entry('\u00e9'), entry('e\u0301')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that differ in case only',
    tar: () => rawTar(entry('A'), entry('a')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that are not UTF-8',
    tar: () => rawTar(entry(Uint8Array.of(0xff, 0xfe)), entry(Uint8Array.of(0xc3)), entry('\\xff\\xfe')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with surrogates and overlong bytes',
    tar: () => rawTar(entry(Uint8Array.of(0xed, 0xa0, 0x80)), entry(Uint8Array.of(0xc0, 0xaf))),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'parts of 255 bytes',
    tar: () => rawTar(longName(Array.from({ length: 15 }, () => 'p'.repeat(255)).join('/')), entry('a')),
    expect: { bytes: 1, added: 15 },
  },
  {
    name: 'parts of 256 bytes, which no disk holds, are names like others',
    tar: () => rawTar(longName('p'.repeat(256)), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a path of 2048 folders',
    tar: () => rawTar(longName(Array.from({ length: 2048 }, () => 'd').join('/')), entry('a')),
    expect: { bytes: 1, added: 2048 },
  },
  {
    name: 'a path of 2049 folders',
    tar: () => rawTar(longName(Array.from({ length: 2049 }, () => 'd').join('/')), entry('a')),
    expect: { unknown: pathBytes },
  },
  {
    name: 'names that are names of every object',
    tar: () => rawTar(entry('__proto__'), entry('constructor/prototype'), entry('toString')),
    expect: { bytes: 3, added: 4 },
  },
];
