// Private keys and credentials that a line put into a layer. Whoever has the image has them, also where a later line
// deletes them. Told by the file's name and, wherever its bytes could be read, by its content; never shown.
import type { SecretFile } from '../image/model';
import {
  findingAt,
  groupByLine,
  linesText,
  type MeasuredContext,
  measuredContext,
  pathText,
} from './measured';
import type { Rule } from './rule';

export const secretInLayer: Rule = {
  name: 'SecretInLayer',
  severity: 'warning',
  summary: 'A private key or credentials are in a layer, where everyone who has the image can read them.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    return groupByLine(measured.image.secrets, ({ layer }) => measured.lineOf(layer)).map(([line, secrets]) =>
      findingAt(secretInLayer, line, { message: messageOf(measured, secrets), bytes: null }),
    );
  },
};

const words: Record<SecretFile['kind'], string> = {
  'private-key': 'a private key',
  credentials: 'credentials',
  environment: 'secrets of an environment',
};

function messageOf({ lineOf }: MeasuredContext, secrets: readonly SecretFile[]): string {
  const { path, kind, read, hiddenBy } = secrets[0]!;
  const looks = read ? `holds what looks like ${words[kind]}` : `has the name of ${words[kind]}`;
  const hider = hiddenBy === null ? null : lineOf(hiddenBy);
  const still =
    hiddenBy === null
      ? ''
      : `; ${hider ? linesText([hider]) : 'a later layer'} hides it, but the layer keeps it`;
  const more = secrets.length === 1 ? '' : `, and so do ${secrets.length - 1} more`;
  return `${pathText(path)} ${looks}${more}${still}`;
}
