// Entry of the commands that look into images: a bundle of a fifth of all, so that they start at once. cli.ts picks it.
import { imageCommands } from './cli/imageCommands';
import { main } from './cliMain';

void main(imageCommands);
