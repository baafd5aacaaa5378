// A compiler and its headers in the stage that is shipped, put there by the project's own lines. That they are there is
// measured; whether the program needs them at run time only the author knows, so this is a hint without a fix.
import { formatBytes } from '../primitives/bytes';
import { findingAt, groupByLine, measuredContext, pathText } from './measured';
import type { Rule } from './rule';

export const buildToolsInFinalStage: Rule = {
  name: 'BuildToolsInFinalStage',
  severity: 'hint',
  summary: 'A compiler and its headers are in the image that is shipped.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const byLine = groupByLine(measured.image.deposits, ({ kind, layer }) =>
      kind === 'compiler' || kind === 'headers' ? measured.lineOf(layer) : null,
    );
    return byLine.flatMap(([line, deposits]) => {
      const compiler = deposits.reduce(
        (sum, one) => sum + (one.kind === 'compiler' ? one.visibleBytes : 0),
        0,
      );
      const bytes = deposits.reduce((sum, { visibleBytes }) => sum + visibleBytes, 0);
      // The run-time library of gcc alone lies in the same folder.
      if (compiler < leastCompiler) return [];
      const where = deposits.map(({ path }) => pathText(path)).join(', ');
      const message = `${formatBytes(bytes)} of compilers and headers are in the shipped image (${where}); a stage of their own keeps them out, if nothing needs them at run time`;
      return [findingAt(buildToolsInFinalStage, line, { message, bytes })];
    });
  },
};

/** cc1 alone is larger. */
const leastCompiler = 10_000_000;
