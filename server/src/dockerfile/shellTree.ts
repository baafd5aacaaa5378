// What the tree of a shell text tells about joining it with others: its operators, what it leaves behind in the shell,
// whether it ends the shell at a failure. It judges one text; how several are put together is for rules/mergePlan.ts.
import type { BashParser, ShellNode } from './bash';
import { refused, type ShellFacts } from './shellFacts';
import { commandHazard, nameHazard, setsErrexit, shellChange } from './shellNames';
import { wordOf } from './shellQuotes';

/** The facts of a text as the shell gets it. Never throws. */
export function shellFacts(text: string, parser: BashParser): ShellFacts {
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text.trimEnd())) return refused('ends in a backslash');
  const hazard = nameHazard(text);
  if (hazard) return refused(hazard);
  if (/[^\t\n\x20-\x7e\u00a0-\uffff]/.test(text)) return refused('holds a control character');
  const root = parser.parse(text);
  if (!root) return refused('is too long or too deep to be read');
  const facts = byTree.get(root) ?? factsOf(text, root);
  byTree.set(root, facts);
  return facts;
}

/** The parser keeps the tree of each text: a keystroke changes one RUN, and what the others say is known. */
const byTree = new WeakMap<ShellNode, ShellFacts>();

function factsOf(text: string, root: ShellNode): ShellFacts {
  const found: ShellFacts = { ...refused(''), refusal: null };
  const walk: Walk = { text, facts: found, headAt: text.search(/\S/) };
  visit(walk, root, false);
  if (found.refusal === null) readTop(walk, root);
  return found;
}

interface Walk {
  text: string;
  facts: ShellFacts;
  /** Where a head would begin. */
  headAt: number;
}

/** Statements that a text may be made of, and what stands in them. */
const known = new Set(
  (
    'program list pipeline command command_name word string string_content raw_string ansi_c_string concatenation ' +
    'simple_expansion expansion variable_name special_variable_name command_substitution arithmetic_expansion subshell ' +
    'compound_statement if_statement elif_clause else_clause for_statement c_style_for_statement while_statement ' +
    'case_statement case_item do_group function_definition declaration_command unset_command variable_assignment ' +
    'variable_assignments array subscript negated_command redirected_statement file_redirect heredoc_redirect ' +
    'heredoc_start heredoc_body heredoc_content heredoc_end herestring_redirect file_descriptor number comment ' +
    'test_command unary_expression binary_expression parenthesized_expression ternary_expression postfix_expression ' +
    'test_operator regex extglob_pattern brace_expression translated_string'
  ).split(' '),
);

function visit(walk: Walk, node: ShellNode, inSubshell: boolean): void {
  const { text, facts } = walk;
  if (node.named && (!known.has(node.type) || (node.end === node.start && node.type !== 'program'))) {
    // Empty strings have no content node; a node without length is one that the parser had to invent.
    if (!/^(?:heredoc_body|heredoc_content|string_content|regex)$/.test(node.type)) {
      refuse(walk, node.type === 'process_substitution' ? 'has a process substitution' : unreadable);
    }
  }
  if (!node.named && node.type === '&') refuse(walk, 'starts something in the background');
  if (!node.named && node.end === node.start) refuse(walk, unreadable);
  switch (node.type) {
    case 'command':
      readCommand(walk, node, inSubshell);
      break;
    case 'declaration_command':
    case 'unset_command': {
      const name = /^\w*/.exec(text.slice(node.start, node.end))![0];
      leaks(
        walk,
        inSubshell,
        `uses ${name}, which ${shellChange(name) ?? 'would change variables of what follows'}`,
      );
      facts.calls.push({ name, words: [] });
      if (node.children.every(({ named, type }) => !named || type === 'word')) {
        refuse(walk, 'lists variables of the shell');
      }
      break;
    }
    case 'variable_assignment':
    case 'for_statement':
    case 'c_style_for_statement':
      leaks(walk, inSubshell, 'sets a variable that what follows would see');
      break;
    case 'function_definition':
      leaks(walk, inSubshell, 'defines a function that what follows would see');
      break;
    case 'test_command':
      if (text.startsWith('((', node.start)) leaks(walk, inSubshell, 'may set a variable in its arithmetic');
      break;
    case 'arithmetic_expansion':
      if (/(?:^|[^=!<>])=(?!=)|\+\+|--/.test(text.slice(node.start + 3, node.end)))
        leaks(walk, inSubshell, 'sets a variable in its arithmetic');
      break;
    case 'expansion':
      if (node.children.some(({ type }) => type === ':=' || type === '='))
        leaks(walk, inSubshell, 'sets a variable that what follows would see');
      break;
    case 'ansi_c_string':
      if (text.slice(node.start, node.end).includes("\\'"))
        refuse(walk, "has a $'…', which not every shell knows");
      break;
  }
  const inside = inSubshell || node.type === 'subshell' || node.type === 'command_substitution';
  for (const child of node.children) {
    // `A=1 command` sets for that command alone, unless it is a special builtin (POSIX, Simple Commands).
    if (node.type === 'command' && child.type === 'variable_assignment') {
      for (const part of child.children) visit(walk, part, inside);
    } else visit(walk, child, inside);
  }
}

const unreadable = 'cannot be read as a shell command';

function refuse({ facts }: Walk, why: string): void {
  facts.refusal ??= why;
}

function leaks({ facts }: Walk, inSubshell: boolean, why: string, byHead = false): void {
  if (inSubshell) return;
  facts.leak ??= why;
  if (!byHead) facts.leakPastHead ??= why;
}

function readCommand(walk: Walk, node: ShellNode, inSubshell: boolean): void {
  const { text, facts } = walk;
  const words = node.children.filter(({ type, named }) => named && !/assignment|redirect/.test(type));
  const [name, ...rest] = words.map((word) => wordOf(text, word));
  const operands = rest.flatMap((word) => word ?? []);
  facts.calls.push({ name: name ?? null, words: rest });
  facts.operands.push(...operands);
  if (name == null) {
    // A variable can name any command of the shell, but no operator.
    facts.errexit = true;
    leaks(walk, inSubshell, 'runs a command that a variable names');
    return;
  }
  if (!name.includes('/')) facts.commands.push(name);
  const hazard = commandHazard(name, operands, rest.length);
  if (hazard) refuse(walk, hazard);
  // `command -v` only asks where a command is.
  const asks = name === 'command' && /^-[vV]$/.test(operands[0] ?? '');
  const change = asks ? null : shellChange(name);
  if (change)
    leaks(walk, inSubshell, `uses ${name}, which ${change}`, name === 'set' && node.start === walk.headAt);
  if (name === 'printf' && operands[0] === '-v') leaks(walk, inSubshell, 'sets a variable with printf -v');
  if ((name === ':' || name === 'times') && node.children.some(({ type }) => type === 'variable_assignment'))
    leaks(walk, inSubshell, 'sets a variable that what follows would see');
  // Also within a subshell: left of && a shell heeds no errexit, however deep it is set.
  if (setsErrexit(name, rest)) facts.errexit = true;
}

/** Nodes whose children belong to the list of statements; the grammar nests lists, redirections and pipelines freely. */
const transparent = new Set(['program', 'list', 'redirected_statement', 'pipeline', 'heredoc_redirect']);

function readTop({ text, facts }: Walk, root: ShellNode): void {
  const operators = new Set<'&&' | '||' | ';'>();
  const statements: ShellNode[] = [];
  /** Operators of the last and-or list, and whether a `;` waits for a statement behind it. */
  let list: string[] = [];
  let waits = false;
  /** False between two statements that only a line end separates; the grammar has no node for it. */
  let separated = true;
  const statement = (node: ShellNode): void => {
    if (waits) {
      operators.add(';');
      list = [];
    }
    waits = false;
    separated = false;
    facts.commentAt = null;
    statements.push(node);
  };
  const look = (node: ShellNode): void => {
    for (const child of node.children) {
      const isStatement = transparent.has(child.type) || (child.named && !partOfStatement.test(child.type));
      if (isStatement && node.type === 'program' && child.type !== 'comment' && !separated) waits = true;
      if (transparent.has(child.type)) look(child);
      else if (child.type === 'comment') {
        if (node.type === 'program') facts.commentAt ??= child.start;
      } else if (isStatement) statement(child);
      else if (child.type === ';' || child.type === '\n') separated = waits = true;
      else if (/^(?:&&|\|\|?|\|&)$/.test(child.type) && !child.named) {
        separated = true;
        list.push(child.type);
        if (child.type === '&&' || child.type === '||') operators.add(child.type);
      }
    }
  };
  look(root);
  const [first] = statements;
  const last = statements.at(-1);
  if (!first || !last) {
    facts.refusal ??= 'has no command';
    return;
  }
  facts.operators = operators;
  facts.ends =
    text
      .slice(0, facts.commentAt ?? text.length)
      .trimEnd()
      .endsWith(';') && waits;
  const onlySimple = statements.every(({ type }) => type === 'command' || type === 'test_command');
  const setsItself = facts.calls.some(
    ({ name, words }) => name !== 'set' && (!name || setsErrexit(name, words)),
  );
  facts.plain = onlySimple && !operators.has(';') && !operators.has('||') && !setsItself;
  // Each failure ends a plain list anyway.
  if (facts.plain) facts.errexit = false;
  facts.catches =
    (last.type === 'command' || last.type === 'test_command') &&
    list.every((type) => type.startsWith('|') && type !== '||');
  const [call] = facts.calls;
  const behind = /^[ \t]*(?:\n|;)/.test(text.slice(first.end));
  const written = text.slice(first.start, first.end).replace(/[ \t]+/g, ' ');
  if (
    first.type === 'command' &&
    behind &&
    call &&
    setsErrexit('set', call.words) &&
    plainSet.test(written)
  ) {
    facts.head = written;
  }
}

const partOfStatement =
  /^(?:file_redirect|herestring_redirect|file_descriptor|heredoc_start|heredoc_body|heredoc_end|word)$/;
const plainSet = /^set(?: -[a-z]*o (?:pipefail|errexit|nounset|xtrace)| -[a-z]+)+$/;
