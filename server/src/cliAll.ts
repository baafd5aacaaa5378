// Entry of the whole command line, for every word that is none of cliImages.ts. cli.ts picks it.
import { imageCommands } from './cli/imageCommands';
import { projectCommands } from './cli/projectCommands';
import { main } from './cliMain';

void main({ ...projectCommands, ...imageCommands });
