// The options of one `RUN --mount=…` (instructions/commands_runmount.go): comma-separated values with CSV quotes. It
// names options that BuildKit refuses whatever the build; their values may hold variables and are not judged.

/** Options by lower-case name; null for one without a value. Null when the CSV quotes do not close. */
export function mountOptions(value: string): Map<string, string | null> | null {
  const options = new Map<string, string | null>();
  for (let at = 0; at <= value.length; at++) {
    let field = '';
    if (value[at] === '"') {
      const end = closingQuote(value, at + 1);
      if (end < 0 || (end + 1 < value.length && value[end + 1] !== ',')) return null;
      field = value.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const comma = value.indexOf(',', at);
      const end = comma < 0 ? value.length : comma;
      field = value.slice(at, end);
      if (field.includes('"')) return null;
      at = end;
    }
    const equals = field.indexOf('=');
    const name = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    options.set(name, equals < 0 ? null : field.slice(equals + 1));
  }
  return options;
}

/** Where a mount says that it comes to lie, as written; undefined or null where it does not. */
export function mountTarget(options: ReadonlyMap<string, string | null>): string | null | undefined {
  return options.get('target') ?? options.get('dst') ?? options.get('destination');
}

function closingQuote(value: string, from: number): number {
  let at = value.indexOf('"', from);
  while (at >= 0 && value[at + 1] === '"') at = value.indexOf('"', at + 2);
  return at;
}

const withoutValue = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);
const withValue = new Set([
  'type',
  'from',
  'source',
  'src',
  'target',
  'dst',
  'destination',
  'size',
  'id',
  'sharing',
  'mode',
  'uid',
  'gid',
  'env',
]);
const types = new Set(['bind', 'cache', 'tmpfs', 'secret', 'ssh']);

/** Why BuildKit refuses a mount; null when nothing in its text alone is wrong. */
export function mountRefusal(value: string): string | null {
  const options = mountOptions(value);
  if (!options) return 'the quotes of --mount do not close';
  for (const [name, given] of options) {
    if (given === null && !withoutValue.has(name)) return `"${name}" in --mount needs a value`;
    if (!withoutValue.has(name) && !withValue.has(name)) return `--mount has no option "${name}"`;
  }
  const type = options.get('type')?.toLowerCase();
  if (type && !type.includes('$') && !types.has(type)) return `--mount has no type "${type}"`;
  if (/\$./.test(options.get('from') ?? '')) {
    return 'from= in --mount takes no variable; name a stage with FROM and mount from that';
  }
  return null;
}
