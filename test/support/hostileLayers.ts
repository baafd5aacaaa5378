// All layer tars as an attacker or a broken tool writes them, each with what must come of it. They stand between a layer
// of one byte and one of two, so that it shows that a bad layer leaves the others alone.
import { hostileExtended } from './hostileExtended';
import { hostileHeaders } from './hostileHeaders';
import type { HostileLayer } from './hostileLayer';
import { hostileNames } from './hostileNames';
import { hostilePaths } from './hostilePaths';
import { hostileSizes } from './hostileSizes';

export const hostileLayers: HostileLayer[] = [
  ...hostileSizes,
  ...hostileHeaders,
  ...hostileExtended,
  ...hostileNames,
  ...hostilePaths,
];
