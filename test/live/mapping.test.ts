// Which line made which layer, on real builders. The Dockerfiles below say it themselves: `#= path` under a line names a
// file that only this line's layer holds (`path=text`: with this content), so that the truth is read from the layers'
// own tars, independently of what is tested. `#= (layer)` is a layer without a file of its own: the one after the
// last that was found. `#= classic: …` and so on is for that builder alone. Lines without a mark make no layer.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { detectBuilders } from '../../server/src/build/detect';
import type { BuildRecord, FoundBuilder } from '../../server/src/build/model';
import { type BuildChoice, type Dockerfile, defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { cacheTotals, mapLayers } from '../../server/src/mapping/mapLayers';
import type { Mapping } from '../../server/src/mapping/model';
import type { Host } from '../../server/src/primitives/host';
import {
  baseLayout,
  type Daemon,
  daemonsMissing,
  dockerCommand,
  importBase,
  run,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';
import { type OpenedImage, openLayout, openSaved, serveLayout } from '../support/images';
import { type MappingCase, mappingCases } from './mappingCases';
