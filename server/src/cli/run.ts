// The rim of the command line: picks the subcommand, turns what it throws into one clear message and an exit code.
// 0 clean, 1 findings over the threshold, 2 wrong usage, 3 the world refused, 70 our bug, 130 interrupted.
import { isCancelled, StrataError } from '../primitives/errors';
import type { Cli } from './cli';
import { commandHelp, help } from './help';

/** A subcommand: its exit code, or a StrataError. */
type Command = (cli: Cli, args: string[]) => Promise<number>;

/** By the word that names them. */
export type Commands = Readonly<Record<string, Command>>;

/** Runs `strata ARGS` to its exit code. Reports go to `cli.out`, everything else to `cli.err`. */
export async function runCli(cli: Cli, args: readonly string[], commands: Commands): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      const topic = name === 'help' ? rest[0] : undefined;
      cli.out(topic && commandHelp(topic) ? commandHelp(topic)! : help());
      return name === undefined ? 2 : 0;
    }
    if (name === '--version' || name === 'version') {
      cli.out(`strata ${cli.version}\n`);
      return 0;
    }
    const own = rest.includes('--help') || rest.includes('-h') ? commandHelp(name) : null;
    if (own !== null) {
      cli.out(own);
      return 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) {
      throw new StrataError(
        'usage',
        `strata has no command '${name}'.`,
        "See 'strata help' for what there is.",
      );
    }
    return await command(cli, rest);
  } catch (error) {
    return refuse(cli, error);
  }
}

function refuse(cli: Cli, error: unknown): number {
  if (isCancelled(error)) {
    cli.err('strata: interrupted.\n');
    return 130;
  }
  if (error instanceof StrataError) {
    cli.err(`strata: ${error.message}${error.hint ? ` ${error.hint}` : ''}\n`);
    return error.code === 'usage' ? 2 : 3;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  cli.err(`strata: this is a bug in Strata, please report it with the lines below.\n${text}\n`);
  return 70;
}
