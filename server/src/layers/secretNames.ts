// Files that by their names may hold a secret, found in one pass over a layer's names and, where one fits, its rows.
// Whether they do is told by their content: secretContents.ts.
import type { SecretFile } from '../image/model';
import { rowPath } from './entry';
import { type LayerIndex, rowTypes } from './model';

export interface SecretCandidate {
  row: number;
  path: string;
  kind: SecretFile['kind'];
  /** Whether the name alone is enough where the content cannot be read. */
  certain: boolean;
}

/** Names with, where it matters, the folder that they must be in. */
const known: Record<string, { kind: SecretFile['kind']; certain: boolean; folder?: string }> = {
  id_rsa: { kind: 'private-key', certain: true },
  id_dsa: { kind: 'private-key', certain: true },
  id_ecdsa: { kind: 'private-key', certain: true },
  id_ed25519: { kind: 'private-key', certain: true },
  '.git-credentials': { kind: 'credentials', certain: true },
  '.netrc': { kind: 'credentials', certain: true },
  '.npmrc': { kind: 'credentials', certain: false },
  '.pypirc': { kind: 'credentials', certain: false },
  credentials: { kind: 'credentials', certain: true, folder: '.aws' },
  'config.json': { kind: 'credentials', certain: false, folder: '.docker' },
  '.env': { kind: 'environment', certain: false },
};
const endings: Record<string, SecretFile['kind']> = { '.pem': 'private-key', '.key': 'private-key' };

/** Where packages and systems keep keys of their own tests and public certificates. */
const elsewhere =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|vendor|pkg\/mod|registry\/src)\/|^(?:usr\/(?:share|lib|lib64|include|src|local\/(?:share|lib|go))|etc\/(?:ssl|pki|ssh)|opt\/conda|lib|proc|sys)\//;

/** No key or credentials are larger. */
const maxBytes = 64 * 1024;
/** In one layer: looked at, and taken. */
const maxLooked = 5000;
const maxTaken = 100;

export function secretCandidates(index: LayerIndex): SecretCandidate[] {
  const suspect = suspectNames(index);
  if (!suspect) return [];
  const found: SecretCandidate[] = [];
  let looked = 0;
  for (let row = 0; row < index.count && looked < maxLooked && found.length < maxTaken; row++) {
    const suspicion = suspect[index.name[row]!]!;
    if (suspicion === 0 || index.type[row] !== rowTypes.file) continue;
    if (suspicion === inHiddenFolder && !isHidden(index, index.parent[row]!)) continue;
    const size = index.size[row]!;
    if (size === 0 || size > maxBytes) continue;
    looked++;
    const path = rowPath(index, row);
    const meaning = meaningOf(path);
    if (meaning && !elsewhere.test(path)) found.push({ row, path, ...meaning });
  }
  return found;
}

function meaningOf(path: string): Pick<SecretCandidate, 'kind' | 'certain'> | null {
  const [name = '', folder] = path.split('/').reverse();
  if (Object.hasOwn(known, name)) {
    const { kind, certain, folder: wanted } = known[name]!;
    return wanted === undefined || wanted === folder ? { kind, certain } : null;
  }
  const kind = endings[name.slice(name.lastIndexOf('.'))];
  return kind ? { kind, certain: false } : null;
}

/** Whether a row's name begins with a dot, as those of all folders that matter do. */
function isHidden({ name, names: { bytes, ends } }: LayerIndex, row: number): boolean {
  const id = row < 0 ? 0 : name[row]!;
  return id !== 0 && bytes[ends[id - 1]!] === 0x2e;
}

/** Suspicion of a name that matters in a folder of a known name only. */
const inHiddenFolder = 2;

/** By name id: not 0 for names that may matter. Null when there is none. */
function suspectNames({ names: { bytes, ends } }: LayerIndex): Uint8Array | null {
  let suspect: Uint8Array | null = null;
  for (let id = 1; id < ends.length; id++) {
    const start = ends[id - 1]!;
    const end = ends[id]!;
    if (end - start < shortest) continue;
    const isKnown = end - start <= longest && mayBe[((end - start) << 8) | bytes[start]!] === 1;
    if (!isKnown && (bytes[end - 4] !== 0x2e || !isEnding(bytes, end - 3))) continue;
    suspect ??= new Uint8Array(ends.length);
    suspect[id] = isKnown && bytes[start] === 0x63 && bytes[end - 4] !== 0x2e ? inHiddenFolder : 1;
  }
  return suspect;
}

/** `pem` or `key`. */
function isEnding(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 1] !== 0x65) return false;
  return (bytes[at] === 0x70 && bytes[at + 2] === 0x6d) || (bytes[at] === 0x6b && bytes[at + 2] === 0x79);
}

const lengths = Object.keys(known).map(({ length }) => length);
const shortest = Math.min(...lengths, 5);
const longest = Math.max(...lengths);
/** By length and first byte, a coarse sieve; the names are compared where a path is made. */
const mayBe = new Uint8Array((longest + 1) << 8);
for (const name of Object.keys(known)) mayBe[(name.length << 8) | name.charCodeAt(0)] = 1;
