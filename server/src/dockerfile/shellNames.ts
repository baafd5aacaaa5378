// What the words of a shell text give away about joining it with another: names that every RUN has anew, commands that
// change the shell, and those that may leave something running. Lists, not judgements: a command that is on none of them
// is taken for an ordinary program.

/** What the builder mounts into each RUN: a change to it is gone with the RUN, but not before the end of a joined one. */
const freshInEachRun =
  /(?<![\w.-])\/dev(?![\w-])(?!\/(?:null|zero|full|u?random|tty|stdin|stdout|stderr|fd)\b)|\/etc\/(?:hosts|hostname|resolv\.conf)\b/;
/** What tells of the shell itself or of the moment. */
const ownState =
  /\$(?:\$|!|-|_(?!\w)|\{[$!_-]\})|\b(?:BASHPID|PPID|LINENO|SECONDS|SHLVL|S?RANDOM|FUNCNAME|BASH_\w+|EPOCH\w+|PIPESTATUS)\b/;
/** Puts another program in the place of a shell, or makes another one start for the next RUN. */
const shellReplaced =
  /\bdpkg-(?:reconfigure|divert)\b|\bbusybox\b[^&|;]{0,200}--install|\b(?:ln|mv|cp|rm|install|update-alternatives)\b[^&|;]{0,400}\/bin\/(?:ba|da|a|z|k)?sh(?![\w./-])/;

/** The first such name in a text; null when there is none. */
export function freshName(text: string): string | null {
  return freshInEachRun.exec(text)?.[0] ?? null;
}

/** Why a text must not be joined whatever its structure, a clause that follows `line 4`; null for nothing found. */
export function nameHazard(text: string): string | null {
  const fresh = freshName(text);
  if (fresh !== null) return `names ${fresh}, which every RUN has anew`;
  const own = ownState.exec(text);
  if (own) return `uses ${own[0]}, which tells of the shell that runs it`;
  if (shellReplaced.test(text)) return 'may replace the shell that runs the next step';
  if (/\bBASH_ENV\b/.test(text)) return 'names BASH_ENV, which bash reads at its start';
  return null;
}

/** What a command would leave behind in the shell for those after it. */
const changesShell = new Map<string, string>();
for (const [what, names] of Object.entries({
  'would change the directory of what follows': 'cd chdir pushd popd',
  'would change variables of what follows':
    'export unset declare typeset readonly local read readarray mapfile getopts let',
  'would change how the shell runs what follows':
    'set shopt setopt trap umask ulimit enable hash emulate shift',
  'would end the shell before what follows': 'exit exec return break continue logout',
  'can do anything to the shell of what follows': 'eval source . command builtin',
})) {
  for (const name of names.split(' ')) changesShell.set(name, what);
}

/** A clause that follows `line 4 uses cd, which …`; null for a command that leaves the shell as it is. */
export function shellChange(command: string): string | null {
  return changesShell.get(command) ?? null;
}

const beside = 'may leave a process running beside what follows';
const signals = 'sends signals, which may reach more in a joined step';
const machine = 'changes what every RUN has anew';
const neverJoined = new Map<string, string>();
for (const [what, names] of Object.entries({
  [beside]:
    'service systemctl rc-service start-stop-daemon nohup setsid daemonize pg_ctl pg_ctlcluster apachectl gpg-agent dirmngr dbus-daemon dbus-launch ssh-agent sshd cron crond dockerd containerd redis-server mysqld mysqld_safe nginx Xvfb supervisord wait jobs fg bg disown coproc at batch',
  [signals]: 'kill killall killall5 pkill',
  [machine]: 'mount umount losetup swapon swapoff sysctl hostname unshare nsenter ip ifconfig mknod modprobe',
  'changes which words are commands': 'alias unalias',
  'makes a hard link, which a second layer would break': 'link',
})) {
  for (const name of names.split(' ')) neverJoined.set(name, what);
}

/** The same as `commandHazard`, told by the name alone. */
export function joinHazard(name: string): string | null {
  if (name.startsWith('/etc/init.d/')) return beside;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const hazard = neverJoined.get(base);
  if (!hazard) return null;
  return hazard === beside ? hazard : `uses ${base}, which ${hazard}`;
}

/**
 * Why a command must not share its RUN with another, a clause that follows `line 4`; null when it may. `words` counts
 * also those that the shell expands, which are not in `operands`.
 */
export function commandHazard(
  name: string,
  operands: readonly string[],
  words: number = operands.length,
): string | null {
  const hazard = joinHazard(name);
  if (hazard !== null) return hazard;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const startsAgent = operands.every((word) => word !== '--dearmor' && word !== '--no-autostart');
  if ((base === 'gpg' || base === 'gpg2') && startsAgent)
    return 'uses gpg, which may leave its agent running';
  // A text of its own for another shell, in which a lone & starts something.
  if (
    /^(?:eval|su|(?:ba|da|a)?sh)$/.test(base) &&
    operands.some((word) => /(?:^|[^&<>])&(?![&>])/.test(word))
  ) {
    return beside;
  }
  if (/^(?:mongod|postgres|httpd|rsyslogd|memcached|ollama)$/.test(base)) return beside;
  if (operands.some((word) => /^--(?:fork|daemon(?:ize)?|detach)$/.test(word))) return beside;
  // A file with several names is copied up under one of them when a later layer changes or moves it (overlayfs).
  if (base === 'ln' && !operands.some((word) => /^-[a-zA-Z]*s|^--symbolic/.test(word))) {
    return 'makes a hard link, which a second layer would break';
  }
  if (base === 'cp' && operands.some((word) => /^-[a-zA-Z]*l|^--link$/.test(word))) {
    return 'makes hard links, which a second layer would break';
  }
  if (base === 'usermod' && operands.includes('root')) return 'changes the user that the next step runs as';
  // Without an operand it lists what differs between a shell for two steps and two shells.
  if (/^(?:printenv|env|set)$/.test(base) && words === 0) return 'lists variables of the shell';
  return null;
}

/** Whether a `set` can make the shell end at the first failure: `-e`, `-o errexit`, or words that are not known. */
export function setsErrexit(name: string, operands: readonly (string | null)[]): boolean {
  if (name === 'source' || name === '.' || name === 'eval') return true;
  if (name === 'command' || name === 'builtin') {
    return operands[0] == null || setsErrexit(operands[0], operands.slice(1));
  }
  if (name === 'trap') return operands.some((word) => word === null || /^(?:ERR|DEBUG|RETURN)$/.test(word));
  if (name !== 'set' && name !== 'shopt') return false;
  return operands.some((word) => word === null || word === 'errexit' || /^-[a-zA-Z]*e/.test(word));
}
