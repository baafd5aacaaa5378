// What the parameters of each request of ours must look like. A client of another version, or another client, may send
// anything: what has another shape, or another size than any editor needs, is refused before a feature sees it. Pure.
import * as shape from '../build/shape';
import type { DeclaredRef, ImportBuildParams, RequestTypes, StateRef } from '../protocol';

type Params = { [M in keyof RequestTypes]: shape.Reader<RequestTypes[M]['params']> };

/** Paths of Linux end at 4,096 bytes; archives may hold longer ones, and an id of the tree is a little more. */
const longest = 64 * 1024;
/** Rows that one answer holds: the tree asks for all that a person has unfolded of a folder. */
const mostRows = 100_000;
const mostBuildArguments = 1_000;
const mostLayer = 100_000;

const text = shape.text(longest);
const count = shape.whole();
/** -1: the state below the first layer. */
const layer = upTo(-1, mostLayer);
const line = shape.whole(1);
const limit = upTo(0, mostRows);
const filter = shape.text(4 * 1024);
const kinds = shape.list(shape.oneOf('added', 'modified', 'removed'), 3);
const document = shape.object<{ uri: string }>({ uri: text });
/** What comes with it is not looked at. */
const none = () => null;

const states: { [K in StateRef['of']]: shape.Reader<Extract<StateRef, { of: K }>> } = {
  image: shape.object<Extract<StateRef, { of: 'image' }>>({ of: shape.oneOf('image'), upTo: layer }),
  build: shape.object<Extract<StateRef, { of: 'build' }>>({ of: shape.oneOf('build'), id: text }),
  reference: shape.object<Extract<StateRef, { of: 'reference' }>>({
    of: shape.oneOf('reference'),
    reference: text,
    upTo: shape.nullable(layer),
  }),
  container: shape.object<Extract<StateRef, { of: 'container' }>>({
    of: shape.oneOf('container'),
    engine: shape.oneOf('docker', 'podman'),
    id: text,
    below: maybe(shape.flag),
  }),
};
const stateKind = shape.object<{ of: StateRef['of'] }>({
  of: shape.oneOf('image', 'build', 'reference', 'container'),
});
const state: shape.Reader<StateRef> = (value) => states[stateKind(value).of](value);

const diff = { uri: text, from: state, to: state };
const diffRows = { ...diff, filter, kinds };
const diffPage = { ...diffRows, sort: shape.oneOf('size', 'path'), offset: count, limit };

const declared = shape.object<DeclaredRef>({
  source: shape.oneOf('compose', 'bake', 'devcontainer', 'task', 'default'),
  file: shape.nullable(text),
  name: text,
});

const paramsOf: Params = {
  'strata/build': shape.object<RequestTypes['strata/build']['params']>({
    uri: text,
    target: shape.nullable(text),
    platform: shape.nullable(text),
    buildArgs: shape.dictionary(longest, mostBuildArguments),
    context: shape.nullable(text),
    noCache: shape.flag,
    declared: maybe(shape.nullable(declared)),
  }),
  'strata/builders': none,
  'strata/declaredBuilds': document,
  'strata/tree': shape.object<RequestTypes['strata/tree']['params']>({
    uri: text,
    node: shape.nullable(text),
    offset: count,
    limit,
    view: maybe(shape.oneOf('upper', 'lower', 'merged')),
    sort: maybe(shape.oneOf('size', 'name')),
    filter: maybe(filter),
  }),
  'strata/layers': document,
  'strata/diff': shape.object<RequestTypes['strata/diff']['params']>(diff),
  'strata/diffPage': shape.object<RequestTypes['strata/diffPage']['params']>(diffPage),
  'strata/diffTree': shape.object<RequestTypes['strata/diffTree']['params']>({
    ...diffPage,
    path: text,
    by: maybe(shape.oneOf('directory', 'package', 'layer')),
  }),
  'strata/diffMap': shape.object<RequestTypes['strata/diffMap']['params']>({ ...diffRows, path: text }),
  'strata/diffExport': shape.object<RequestTypes['strata/diffExport']['params']>({
    ...diffRows,
    sort: shape.oneOf('size', 'path'),
    offset: count,
    format: shape.oneOf('markdown', 'json', 'html'),
  }),
  'strata/entries': shape.object<RequestTypes['strata/entries']['params']>({ uri: text, state, path: text }),
  'strata/paths': shape.object<RequestTypes['strata/paths']['params']>({
    uri: text,
    state,
    text: filter,
    limit,
  }),
  'strata/blame': shape.object<RequestTypes['strata/blame']['params']>({ uri: text, state, path: text }),
  'strata/file': shape.object<RequestTypes['strata/file']['params']>({ uri: text, state, path: text }),
  'strata/layerAt': shape.object<RequestTypes['strata/layerAt']['params']>({ uri: text, line }),
  'strata/forecast': document,
  'strata/taken': shape.object<RequestTypes['strata/taken']['params']>({ uri: text, line }),
  'strata/lines': document,
  'strata/images': shape.object<RequestTypes['strata/images']['params']>({ uri: shape.nullable(text) }),
  'strata/stages': shape.object<RequestTypes['strata/stages']['params']>({ uri: shape.nullable(text) }),
  'strata/containers': document,
  'strata/records': document,
  'strata/platforms': shape.object<RequestTypes['strata/platforms']['params']>({
    uri: text,
    choose: shape.nullable(text),
  }),
  'strata/pastBuilds': shape.object<RequestTypes['strata/pastBuilds']['params']>({
    uri: text,
    since: shape.nullable(shape.amount),
  }),
  'strata/importBuild': shape.object<ImportBuildParams>({
    uri: text,
    source: shape.object<{ kind: 'history' | 'metadata' | 'log' | 'image'; value: string }>({
      kind: shape.oneOf('history', 'metadata', 'log', 'image'),
      value: text,
    }),
    platform: shape.nullable(text),
    bakeTarget: shape.nullable(text),
  }),
  'strata/clearCache': none,
};

/** The parameters in their shape; undefined when they have another one. */
export function readParams<M extends keyof RequestTypes>(
  method: M,
  given: unknown,
): RequestTypes[M]['params'] | undefined {
  try {
    return paramsOf[method](given);
  } catch (error) {
    if (error instanceof shape.ShapeError) return undefined;
    throw error;
  }
}

function maybe<T>(read: shape.Reader<T>): shape.Reader<T | undefined> {
  return shape.optional<T | undefined>(read, undefined);
}

function upTo(least: number, most: number): shape.Reader<number> {
  const whole = shape.whole(least);
  return (value) => {
    const number = whole(value);
    if (number > most) throw new shape.ShapeError('the number is too large');
    return number;
  };
}
