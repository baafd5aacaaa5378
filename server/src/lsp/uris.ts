// What a URI of the editor names on this machine's disk. Editors send any URI: one that names nothing gives null, and
// none of these throws.
import { fileURLToPath } from 'node:url';

/** Path on disk; null for what is elsewhere, and for a file URI that no path can be made of (`%2F`, `%00`, a host). */
export function pathOfUri(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    const path = fileURLToPath(uri);
    return path.includes('\0') ? null : path;
  } catch {
    return null;
  }
}

/** The last part, as a person reads it. */
export function nameOfUri(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
