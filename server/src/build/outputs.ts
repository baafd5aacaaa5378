// Where `--output` among a person's arguments sends an image (buildx util/buildflags/export.go, docs/reference of build).
// Decides only whether an engine still gets it; what is written elsewhere is not followed.

/** What a record says of an image that nobody can be asked for. */
export const elsewhereNote = 'An output among the arguments took the image elsewhere, so it is not measured.';

/** True when the arguments name outputs and none of them puts the image into the engine that builds. */
export function leavesEngine(args: readonly string[]): boolean {
  const outputs = outputsIn(args);
  // --load is an output into the engine, and what is pushed stays there too.
  const stays =
    args.some((arg) => /^--(?:load|push)(?:=(?:true|1))?$/.test(arg)) || outputs.some(isForEngine);
  return outputs.length > 0 && !stays;
}

/** As `--output VALUE`, `--output=VALUE`, `-o VALUE`, `-oVALUE` and `-o=VALUE`. */
function outputsIn(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    if (arg === '--output' || arg === '-o') return args[at + 1] ?? [];
    return /^(?:--output=|-o=?)(.+)$/s.exec(arg)?.[1] ?? [];
  });
}

/** `type=image` and `registry` keep it in the engine, and `type=docker` without a file does; a lone path is `type=local`. */
function isForEngine(output: string): boolean {
  const fields = new Map(
    output.split(',').flatMap((field): [string, string][] => {
      const [, name, value] = /^\s*"?([^=]+)=(.*?)"?\s*$/s.exec(field) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value ?? '']];
    }),
  );
  const type = fields.get('type');
  if (type === 'docker') return !fields.has('dest');
  return (type === 'image' || type === 'registry') && fields.get('store') !== 'false';
}
