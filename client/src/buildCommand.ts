// Whether a command line builds an image with docker: read from its words alone, as a person types them. Knows neither
// vscode nor the shell; a script or a make target that builds is not recognised.

// `docker build`, `docker buildx build|bake`, `docker compose build|up --build`, behind `cd x &&`, variables or sudo.
const start =
  /(?:^|&&|\|\||[;|])\s*(?:\w+=\S*\s+)*(?:sudo\s+(?:-\S+\s+)*)?(?:\S*[\\/])?docker(-compose)?(?:\.exe)?\s+([^;&|]*)/g;
const longest = 4 * 1024;

export function buildsImage(commandLine: string): boolean {
  for (const [, compose, words = ''] of commandLine.slice(0, longest).matchAll(start)) {
    const [command, ...rest] = plainWords(words);
    if (command === 'compose' || compose !== undefined) {
      const first = compose === undefined ? rest[0] : command;
      if (first === 'build' || (first === 'up' && /\s--build(?:\s|$)/.test(words))) return true;
    } else if (command === 'build') return true;
    else if (/^(?:buildx|builder|image)$/.test(command ?? '') && /^(?:build|b|bake|f)$/.test(rest[0] ?? ''))
      return true;
  }
  return false;
}

/** Options of docker and compose that take a value in a word of its own. */
const valued =
  /^(?:-[cHlfp]|--(?:context|host|config|log-level|file|project-name|project-directory|profile|env-file|builder))$/;

/** The words that are no options, nor the value of one. */
function plainWords(words: string): string[] {
  const found: string[] = [];
  let isValue = false;
  for (const word of words.split(/\s+/).filter(Boolean)) {
    if (isValue) isValue = false;
    else if (word.startsWith('-')) isValue = valued.test(word);
    else found.push(word);
  }
  return found;
}
