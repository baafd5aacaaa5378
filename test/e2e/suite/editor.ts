// What the lines of a Dockerfile with a recorded build show: hints, lenses, hover, status bar.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, hoverText, lenses, lineOf, openFile, strata, untilReady } from './strata';
import { needsScreen, screen } from './ui';

const size = /^[\d.,]+ (B|kB|MB)\b/;

export function editorSuite(): void {
  suite('editor', () => {
    let document: vscode.TextDocument;

    suiteSetup(async () => {
      document = (await openFile('layers/Dockerfile')).document;
      await untilReady(document);
    });
    suiteTeardown(closeAll);

    test('each line that made a layer shows its measured size', async () => {
      const shown = await eventually('hints', async () => {
        const found = await hints(document);
        return size.test(found.get(lineOf(document, 'RUN chown')) ?? '') && found;
      });
      for (const start of ['COPY --from=build', 'COPY docs', 'RUN dd', 'RUN rm -r docs', 'COPY <<EOF']) {
        assert.match(shown.get(lineOf(document, start)) ?? '', size, start);
      }
      // The copied-up file weighs as much as the one it was copied from.
      const bytes = (start: string) => size.exec(shown.get(lineOf(document, start)) ?? '')?.[0];
      assert.equal(bytes('RUN chown'), bytes('COPY --from=build'));
    });

    test('metadata lines show nothing', async () => {
      const shown = await hints(document);
      for (const start of ['ENV', 'USER', 'CMD', 'LABEL']) {
        assert.equal(shown.get(lineOf(document, start)), undefined, start);
      }
    });

    test('the hints stand at the end of their lines on the screen', async function () {
      needsScreen(this);
      await eventually('a hint on the screen', async () => {
        const lines = await screen.texts('.editor-instance .view-line');
        // Editors draw blanks as no-break spaces.
        return lines.some((line) =>
          /RUN chown .*pages\.txt\s*[\d.,]+ [kM]?B/.test(line.replaceAll('\u00a0', ' ')),
        );
      });
    });

    test('a lens above each stage tells its layers, and offers the build and the diff', async () => {
      const given = await eventually('lenses', async () => {
        const found = await lenses(document);
        return found.length > 0 && found;
      });
      const at = (start: string) =>
        given
          .filter((lens) => lens.range.start.line + 1 === lineOf(document, start))
          .map((lens) => lens.command?.title ?? '');
      assert.match(at('FROM busybox:1.36 AS build').join(' | '), /build · \d layers/);
      assert.match(at('FROM busybox:1.36 AS build').join(' | '), /does not ship/);
      const commands = given.map((lens) => lens.command?.command);
      assert.ok(commands.includes('strata.build'));
      assert.ok(commands.includes('strata.showLayerDiff'));
    });

    test('the hover on a keyword tells the layer, its sizes and where they come from', async () => {
      const text = await hoverText(document, lineOf(document, 'RUN chown'));
      assert.match(text, /Layer \d+ of \d+/);
      assert.match(text, /unpacked/);
    });

    test('hints, lenses and hovers can be switched off', async () => {
      const settings = vscode.workspace.getConfiguration('strata');
      const names = ['hints.enabled', 'codeLens.enabled', 'hover.enabled'];
      const set = async (value: boolean | undefined) => {
        for (const name of names) await settings.update(name, value, vscode.ConfigurationTarget.Global);
      };
      try {
        await set(false);
        await eventually('nothing is shown', async () => {
          const [shown, rows] = [await hints(document), await lenses(document)];
          const text = await hoverText(document, lineOf(document, 'RUN chown'));
          return shown.size === 0 && rows.length === 0 && text === '';
        });
      } finally {
        await set(undefined);
      }
      await eventually('hints are back', async () => (await hints(document)).size > 0);
    });

    test('the status bar shows the image’s size while a Dockerfile is in front', async () => {
      const { status } = await strata();
      await eventually('a size', () => /\$\(layers\) [\d.,]+ [kMG]?B/.test(status.text ?? ''));
      await openFile('layers/greeting.txt');
      await eventually('nothing', () => status.text === null);
      await openFile('layers/Dockerfile');
      await eventually('the size again', () => status.text !== null);
    });

    test('an edit makes the edited line stale and leaves the lines that only moved', async () => {
      const before = await hints(document);
      const moved = before.get(lineOf(document, 'COPY docs'));
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), '# a comment\n');
      const chown = lineOf(document, 'RUN chown') - 1;
      const one = document.lineAt(chown).text.indexOf('1000');
      edit.replace(document.uri, new vscode.Range(chown, one, chown, one + 4), '2000');
      await vscode.workspace.applyEdit(edit);
      await eventually('the edited line is forecast', async () => {
        const after = await hints(document);
        return after.get(lineOf(document, 'RUN chown'))?.startsWith('~');
      });
      assert.equal((await hints(document)).get(lineOf(document, 'COPY docs')), moved);
    });
  });
}
