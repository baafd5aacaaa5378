// Entry of the command line: picks the bundle that the first word needs, for reading all of them takes longer than most
// commands on images do.
import path from 'node:path';
import type { imageCommands } from './cli/imageCommands';

/** The commands of cliImages.ts. */
const imageWords: readonly (keyof typeof imageCommands)[] = ['history', 'layers', 'tree', 'diff', 'cat'];

const [word, ...flags] = process.argv.slice(2);
const asksHelp = flags.some((flag) => flag === '--help' || flag === '-h');
const bundle =
  word === 'server' && !asksHelp ? 'server' : imageWords.some((one) => one === word) ? 'cliImages' : 'cliAll';
require(path.join(__dirname, `${bundle}.js`));
