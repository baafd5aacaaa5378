// Relative paths of a compose file that is not the project's own, made absolute from the folder that they are meant from
// (compose-go paths/resolve.go, as in compose 2.40). Only what builds are made of.
import * as path from 'node:path';
import { type Fields, fields } from '../../build/jsonFields';
import { contextPlaces, pairs, placeFrom, scalar, scalars, sshPlace } from './values';

/** @param isWhole a project of its own, as `include` takes it: a build without a context has its folder */
export function withAbsolutePaths(document: Fields, folder: string, isWhole: boolean): Fields {
  return {
    ...document,
    services: eachOf(document.services, ({ build }) => {
      const text = scalar(build);
      const own = text === null ? fields(build) : { context: text };
      return Object.keys(own).length === 0 ? {} : { build: { ...own, ...placesOf(own, folder, isWhole) } };
    }),
    secrets: eachOf(document.secrets, ({ file }) => {
      const place = scalar(file);
      return place === null ? {} : { file: path.resolve(folder, place) };
    }),
  };
}

/** Each mapping of a mapping with what `places` gives in addition. */
function eachOf(held: unknown, places: (value: Fields) => Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields(held)).map(([name, one]) => {
      const own = fields(one);
      return [name, Object.keys(own).length === 0 ? one : { ...own, ...places(own) }];
    }),
  );
}

function placesOf(build: Fields, folder: string, isWhole: boolean): Fields {
  const context = scalar(build.context) ?? (isWhole ? '.' : null);
  const { additional_contexts: named, ssh } = build;
  return {
    ...(context === null ? {} : { context: placeFrom(folder, context) }),
    ...(named === undefined || named === null ? {} : { additional_contexts: contextPlaces(folder, named) }),
    ...(ssh === undefined || ssh === null ? {} : { ssh: sshPlaces(folder, ssh) }),
  };
}

function sshPlaces(folder: string, ssh: unknown): string[] {
  if (typeof ssh !== 'object' || Array.isArray(ssh)) return scalars(ssh).map((one) => sshPlace(folder, one));
  return pairs(ssh).map(([id, place]) => (place ? sshPlace(folder, `${id}=${place}`) : id));
}
