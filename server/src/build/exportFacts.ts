// Which image a build left, as its progress tells while exporting (BuildKit exporter/containerimage/writer.go and
// export.go, util/push/push.go; moby builder-next/exporter): digests and names, from plain and rawjson lines alike.
import { type Digest, isDigest } from '../primitives/digest';
import type { ImageFacts } from './importedPart';
import { fields, list, parseFields, text } from './jsonFields';
import type { BuildRules } from './model';

export interface ExportReader {
  take(line: string): void;
  facts(): ImageFacts;
}

const mostFacts = 200;
const longest = 1024;

// `exporting config sha256:… 0.0s done`; `writing image sha256:…` is the Engine's own exporter, where it is the id.
const config = /^(?:exporting config|writing image) (sha256:[0-9a-f]{64})\b/;
const manifest = /^exporting manifest(?: list)? (sha256:[0-9a-f]{64})\b/;
const named = /^naming to (\S+)/;
const pushed = /^pushing manifest for (\S+@sha256:[0-9a-f]{64})\b/;
/** The classic builder and buildah, of a build that left an image. */
const ended = /^Successfully (?:built ([0-9a-f]{12,64})|tagged (\S+))$/;
const wholeId = /^[0-9a-f]{64}$/;
const plainStatus = /^#\d{1,6} (.*)$/;

/** @param rules names that buildah gives lie in containers/storage, all others in the Engine */
export function createExportReader(rules: BuildRules = 'buildkit'): ExportReader {
  const ids = new Set<string>();
  const manifests = new Set<Digest>();
  const pushes = new Set<string>();
  const names = new Set<string>();
  let last: string | null = null;
  const add = <T>(to: Set<T>, value: T) => {
    if (to.size < mostFacts) to.add(value);
  };

  function status(said: string): void {
    // Most lines are what a step printed, behind the seconds: `1.234 text`.
    if (!/^[enpw]/.test(said)) return;
    const digest = config.exec(said)?.[1];
    if (isDigest(digest)) add(ids, digest);
    const whole = manifest.exec(said)?.[1];
    if (isDigest(whole)) add(manifests, whole);
    const name = named.exec(said)?.[1];
    if (name) add(names, name);
    const push = pushed.exec(said)?.[1];
    if (push) add(pushes, push);
  }

  return {
    take(line) {
      if (line.startsWith('{')) {
        for (const one of list(parseFields(line)?.statuses)) status(text(fields(one).id, longest) ?? '');
        return;
      }
      const said = line.startsWith('#') ? plainStatus.exec(line.slice(0, longest))?.[1] : undefined;
      if (said !== undefined) return status(said);
      if (rules === 'buildkit') return;
      const [, id, tag] = ended.exec(line.slice(0, longest)) ?? [];
      if (id) add(ids, id.length === 64 ? `sha256:${id}` : id);
      if (tag) add(names, tag);
      // buildah's last line is the image's id; what a RUN prints before it is none.
      if (rules === 'buildah') last = wholeId.test(line) ? line : line === '' ? last : null;
    },
    facts: () => ({
      ids: last === null ? [...ids] : [`sha256:${last}`],
      manifests: [...manifests],
      references: [
        ...[...pushes].map((name) => `docker://${name}`),
        ...[...names].map((name) => engineName(name, rules)),
      ],
    }),
  };
}

/** Where an engine has the image of that name; engines list `docker.io/library/app:1` as `app:1`. */
export function engineName(name: string, rules: BuildRules): string {
  if (rules === 'buildah') return `containers-storage:${name}`;
  return `docker-daemon:${name.replace(/^docker\.io\/(?:library\/)?/, '')}`;
}
