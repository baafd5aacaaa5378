// Which shell texts may be joined with another by `&&`. When in doubt the answer is no, with a reason.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readShell } from '../../../server/src/dockerfile/shell';

function checkSafe(...texts: string[]): void {
  for (const text of texts) assert.equal(readShell(text).hazard, null, text);
}

function checkHazard(hazard: string | RegExp, ...texts: string[]): void {
  for (const text of texts) {
    const found = readShell(text).hazard;
    if (typeof hazard === 'string') assert.equal(found, hazard, text);
    else assert.match(found ?? '(safe)', hazard, text);
  }
}

describe('safe texts', () => {
  test('simple commands, && lists and pipelines', () => {
    checkSafe(
      'apt-get update',
      'apt-get update && apt-get install -y git',
      'a | b | c',
      'a && b | c && d',
      'a     && b',
    );
  });
  test('quotes, escapes and globs', () => {
    checkSafe(
      `echo "a; b && c # d" 'e || f'`,
      'echo a\\;b \\# "\\""',
      'rm -rf /var/lib/apt/lists/*',
      "echo 'it'\\''s'",
    );
  });
  test('redirections', () => {
    checkSafe('a > b', 'a >> b 2>&1', 'a < b', '> b', 'a 2> /dev/null', 'a >| b', 'a <> b');
  });
  test('variables and substitutions that assign nothing', () => {
    checkSafe(
      'echo $A ${B} ${C:-d} ${D#/} "${E}" $? $$ $1 $@',
      'echo $(uname -m) "$(dpkg --print-architecture)" `uname`',
      'echo $(a | b && c || d)',
      'echo $((1 + 2))',
      '$HOME/bin/x',
      'a "$(b "c $(d)")"',
    );
  });
  test('an assignment for one command, and a # within a word', () => {
    checkSafe(
      'DEBIAN_FRONTEND=noninteractive apt-get install -y git',
      'A=1 B="2 3" c',
      'echo a#b',
      'curl x/#y',
    );
  });
  test('what happens in a substitution stays in it', () => {
    checkSafe('echo $(cd /tmp && pwd)', 'echo "$(export A=1 && env)"');
  });
  test('commands that only look like builtins', () => {
    checkSafe('cdrecord a', './cd b', 'setfacl a', 'exportfs', '[ -f a ]', 'test -f b');
  });
});

describe('hazards', () => {
  test('the directory', () => {
    checkHazard(
      'uses cd, which would change the directory of what follows',
      'cd /x && make',
      'make && cd /x',
      '"cd" /x',
    );
    checkHazard(/uses pushd/, 'pushd /x');
  });
  test('variables', () => {
    checkHazard(/uses export, which would change variables/, 'export A=1', 'a && export B');
    checkHazard(/uses (unset|declare|read|readonly)/, 'unset A', 'declare A', 'read A < b', 'readonly A=1');
    checkHazard(
      'sets a variable that what follows would see',
      'A=1',
      'A=1 B=2 && c',
      'A=1 :',
      'a && B=c',
      '> a B=1',
    );
    checkHazard(
      'sets a variable that what follows would see',
      'echo ${A:=b}',
      'echo "${A=b}"',
      'echo ${A:-${B:=c}}',
    );
    checkHazard('has arithmetic that may set a variable', 'echo $((A=1))', 'echo $((A++))', 'echo $((A+=1))');
    checkHazard('sets a variable with printf -v', 'printf -v A b');
    checkHazard('keeps a descriptor in a variable', 'a {fd}> b');
    checkHazard(/tells of the command before/, 'echo $!', 'echo $_', 'echo ${_}', 'echo ${!}');
  });
  test('the shell itself', () => {
    checkHazard(/uses set, which would change how the shell runs/, 'set -e', 'set -x && a');
    checkHazard(
      /uses (trap|umask|ulimit|shopt|alias)/,
      'trap a EXIT',
      'umask 022',
      'ulimit -n 1',
      'shopt -s a',
      'alias a=b',
    );
    checkHazard(/would end the shell/, 'exit 0', 'exec a', 'return', 'a && exit');
    checkHazard(/can do anything/, 'eval a', '. /etc/profile', 'source a', 'command cd /', 'builtin cd /');
    checkHazard('runs a command that a variable names', '$A b', '$(a) b', '`a` b', '"$A"');
  });
  test('lists', () => {
    checkHazard('has a || list, which binds differently after &&', 'a || b', 'a && b || true');
    checkHazard('has a list with ;, which goes on after a failure', 'a; b', 'a;', 'echo $(a; b)');
    checkHazard('has parentheses', '(a)', 'f() { a; }', 'a && (b)', 'A=(b c)', 'echo @(a)');
    checkHazard(
      /uses (if|case|for|while|\{|!|\[\[|time|function), which needs grouping/,
      'if a',
      'case x in a) b;; esac',
      'for i in 1',
      'while a',
      '{ a',
      '! a',
      '[[ a ]]',
      'time a',
      'function f',
    );
  });
  test('processes that stay', () => {
    checkHazard('starts something in the background', 'a &', 'a & b', 'a &> b', 'echo $(a & b)');
    checkHazard(
      /may leave a process running/,
      'service x start',
      'nohup a',
      '/etc/init.d/x start',
      'a && pg_ctl start',
    );
  });
  test('comments, heredocs and what is cut short', () => {
    checkHazard('has a comment that would swallow what follows', 'a # b', '# a', 'a && # b', 'echo $(a # b)');
    checkHazard('has a heredoc', 'cat <<A', 'cat <<< a', 'a 3<<B');
    checkHazard('ends in a backslash', 'a \\', 'a \\\\');
    checkHazard('has an operator without a command', '', 'a &&', '&& a', 'a | ', 'a && && b', 'echo $()');
    checkHazard('redirects to nothing', 'a >', 'a > && b');
  });
  test('quotes and braces that do not close', () => {
    checkHazard(/has a ["'] that does not close/, 'echo "a', "echo 'a", `echo "$(a 'b)"`);
    checkHazard('has a ${ that does not close', 'echo ${a', 'echo ${a:-"b"');
    checkHazard('cannot be read as a shell command', 'echo $(a');
    checkHazard('has backquotes that are not plain', 'echo `a', 'echo `a "b"`');
  });
  test('what shells read differently', () => {
    checkHazard(/which not every shell knows/, `echo $'a'`, 'echo $"a"');
    checkHazard('has a process substitution', 'a <(b)', 'a >(b)');
    checkHazard('has a |&', 'a |& b');
    checkHazard('holds a control character', 'a\rb', 'a\0', 'a\vb', 'a\nb');
  });
  test('what the builder mounts into each RUN anew', () => {
    checkHazard('names /etc/hosts, which every RUN has anew', 'echo a >> /etc/hosts');
    checkHazard('names /dev, which every RUN has anew', 'touch /dev/shm/a');
    checkSafe('a > /dev/null', 'a < /dev/zero');
    checkSafe('cat /etc/hostsfile');
  });
  test('nesting that no person writes', () => {
    checkHazard('nests too deeply', `echo ${'$(a '.repeat(100)}`, `echo ${'${a:-'.repeat(100)}`);
  });
});
