// What lies there already: a file that an earlier line put to the same place is perhaps not stored again.
import { describe, test } from 'node:test';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { predictSize } from '../../../server/src/forecast/sizes';
import { contextFixture } from '../../support/contextFixture';
import { checkLabels } from '../../support/dockerfileMarkers';

const snapshot = contextFixture({
  'package.json': 10,
  'src/a.ts': 20,
  'src/b.ts': 30,
  'dist/a.ts': 20,
  'dist/c.js': 5,
});
const facts = { snapshot, archives: new Map() };

function checkBounds(marked: string): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const { bytes, least, most } = predictSize(dockerfile, instruction, defaultChoice, facts);
    return bytes === null ? `${least ?? 'unknown'} to ${most ?? 'unknown'}` : `${bytes}`;
  });
}

describe('a file that an earlier line put to the same place', () => {
  test('may be left out of the layer', () => {
    checkBounds(`
FROM node
WORKDIR /app
COPY package.json ./
#= 10
RUN npm ci
COPY . .
#= 75 to 85
COPY src /app/src/
#= 0 to 50
COPY src/a.ts /app/src/a.ts
#= 0 to 20`);
  });
  test('counts in the stages below too', () => {
    checkBounds(`
FROM scratch AS base
COPY package.json /x/
FROM base
COPY package.json /x/
#= 0 to 10
FROM scratch
COPY package.json /x/
#= 10`);
  });
  test('elsewhere, or another file in its place, changes nothing', () => {
    checkBounds(`
FROM node
COPY package.json /y/
#= 10
COPY package.json /x/
#= 10
COPY src/a.ts /x/package.json
#= 20
COPY src/b.ts /x/y
#= 30`);
  });
  test('of a stage or an image is not known, and so all that goes there counts', () => {
    checkBounds(`
FROM node AS build
RUN make
FROM node
WORKDIR /app
COPY --from=build /dist dist
#= unknown to unknown
COPY src src
#= 50
COPY . .
#= 10 to 85`);
  });
  test('is searched by its name when a place hangs on the working directory of the image', () => {
    checkBounds(`
FROM node
COPY package.json ./
#= 10
COPY . /usr/src/app
#= 75 to 85`);
  });
  test('is anywhere when an ONBUILD puts it there', () => {
    checkBounds(`
FROM node AS base
ONBUILD COPY package.json /x/
FROM base
COPY src /y/
#= 0 to 50`);
  });
});
