// Quick fixes change the text as they say, and one undo takes them back byte for byte.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, lineOf, openFile } from './strata';

async function fixesAt(document: vscode.TextDocument, line: number): Promise<vscode.CodeAction[]> {
  const { range } = document.lineAt(line - 1);
  return await vscode.commands.executeCommand(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
}

export function fixesSuite(): void {
  suite('quick fixes', () => {
    teardown(closeAll);

    test('two RUN lines become one, and undo restores every byte', async () => {
      const { document } = await openFile('layers/Dockerfile');
      const before = document.getText();
      const line = lineOf(document, 'RUN rm /srv/scratch.bin');
      const fix = await eventually('the fix', async () => {
        const offered = await fixesAt(document, line);
        return offered.find((action) => /^Merge with the RUN above/.test(action.title));
      });
      assert.ok(fix.edit);
      await vscode.workspace.applyEdit(fix.edit);
      assert.equal(document.getText().split(/^RUN /m).length, before.split(/^RUN /m).length - 1);
      assert.match(document.getText(), /count=300 \\?\s*&& rm \/srv\/scratch\.bin/);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
    });

    test('the command Merge RUN Steps does the same at the cursor', async () => {
      const editor = await openFile('layers/Dockerfile');
      const { document } = editor;
      const before = document.getText();
      const line = lineOf(document, 'RUN rm /srv/scratch.bin');
      await eventually('the fix', async () => (await fixesAt(document, line)).length > 0);
      const at = new vscode.Position(line - 1, 0);
      editor.selection = new vscode.Selection(at, at);
      const merged = vscode.commands.executeCommand('strata.mergeRuns');
      await eventually('a merged text', async () => {
        if (document.getText() !== before) return true;
        // Where there are two ways to merge, the command asks.
        await vscode.commands.executeCommand('acceptSelectedCodeAction');
        return false;
      });
      await merged;
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
    });

    test('the article’s Dockerfile as it was printed gets its backslashes back', async () => {
      const { document } = await openFile('article/as-printed.Dockerfile');
      const broken = await eventually('a diagnostic', () =>
        vscode.languages
          .getDiagnostics(document.uri)
          .find((one) => /this line continues the RUN above/.test(one.message)),
      );
      const fix = await eventually('the fix', async () => {
        const offered = await fixesAt(document, broken.range.start.line + 1);
        return offered.find((action) => action.edit && /\\/.test(action.title));
      });
      assert.ok(fix.edit);
      await vscode.workspace.applyEdit(fix.edit);
      await eventually('one broken line fewer', () => {
        const left = vscode.languages.getDiagnostics(document.uri);
        return left.every((one) => !one.range.isEqual(broken.range) || one.message !== broken.message);
      });
    });
  });
}
