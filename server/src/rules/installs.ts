// Commands that install what a manifest lists, and which files of the context they need: enough to copy those first.
// Only commands that read nothing but their manifests as a rule; which scripts run along, nobody can tell from the text.

export interface Install {
  /** As a person calls the command. */
  command: string;
  /** Files to copy first, relative to the sources; a pattern where one may be missing. */
  manifests: readonly string[];
  /** What to look at. */
  note: string;
}

const ignoreModules =
  '.dockerignore must leave node_modules out, and no script that the install runs may need other sources.';
const noSources = 'The install may need no other file of the sources than its manifests.';

const installs: readonly { pattern: RegExp; command: string; manifests: readonly string[]; note: string }[] =
  [
    {
      pattern: /^npm ci\b/,
      command: 'npm ci',
      manifests: ['package.json', 'package-lock.json'],
      note: ignoreModules,
    },
    {
      pattern: /^npm (?:install|i)(?= -|$)/,
      command: 'npm install',
      manifests: ['package*.json'],
      note: ignoreModules,
    },
    {
      pattern: /^yarn(?: install)?(?= -|$)/,
      command: 'yarn install',
      manifests: ['package.json', 'yarn.lock'],
      note: ignoreModules,
    },
    {
      pattern: /^pnpm (?:install|i)(?= -|$)/,
      command: 'pnpm install',
      manifests: ['package.json', 'pnpm-lock.yaml'],
      note: ignoreModules,
    },
    {
      pattern: /^go mod download$/,
      command: 'go mod download',
      manifests: ['go.mod', 'go.sum'],
      note: noSources,
    },
    {
      pattern: /^bundle install(?= -|$)/,
      command: 'bundle install',
      manifests: ['Gemfile', 'Gemfile.lock'],
      note: noSources,
    },
    {
      pattern: /^composer install(?= -|$)/,
      command: 'composer install',
      manifests: ['composer.json', 'composer.lock'],
      note: 'Scripts and class maps need the sources: give it --no-scripts --no-autoloader, and dump the autoloader after all is copied.',
    },
    {
      pattern: /^mvn(?: -\S+)* dependency:(?:go-offline|resolve)(?= -|$)/,
      command: 'mvn dependency:go-offline',
      manifests: ['pom.xml'],
      note: noSources,
    },
  ];

const pip = /^(?:python3? -m )?pip3? install (?:-\S+ )*?(?:-r|--requirement) ?([\w./-]+)(?: -\S+)*$/;

/** What a RUN's text installs, when that is all it does; null otherwise. */
export function installOf(text: string): Install | null {
  const command = text.replace(/\s+/g, ' ').trim();
  // One command: nothing joined, redirected or expanded.
  if (/[&|;<>$`(){}#'"\\*]/.test(command)) return null;
  const requirements = pip.exec(command)?.[1];
  if (requirements !== undefined && !/^\/|\.\./.test(requirements)) {
    const file = requirements.replace(/^\.\//, '');
    return file.includes('/')
      ? null
      : { command: `pip install -r ${file}`, manifests: [file], note: noSources };
  }
  const found = installs.find(({ pattern }) => pattern.test(command));
  return found ? { command: found.command, manifests: found.manifests, note: found.note } : null;
}
