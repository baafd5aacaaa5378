// The extension comes alive for a Dockerfile, quickly, and contributes what package.json says.
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { durationText, sizeText } from '../../../client/src/sizes';
import { formatBytes, formatDuration } from '../../../server/src/primitives/bytes';
import { closeAll, extensionId, openFile, strata } from './strata';

export function activationSuite(): void {
  suite('activation', () => {
    suiteTeardown(closeAll);

    test('opening a Dockerfile activates Strata, and the server answers', async () => {
      const { document } = await openFile('layers/Dockerfile');
      assert.equal(document.languageId, 'dockerfile');
      const extension = vscode.extensions.getExtension(extensionId);
      assert.ok(extension?.isActive);
      const { activationMs, serverProcessId } = await strata();
      assert.ok(activationMs >= 0);
      // For `npm run bench`: a time is measured there, not asserted here.
      const figures = process.env.STRATA_FIGURES;
      if (figures) fs.writeFileSync(figures, JSON.stringify({ activationMs, vscode: vscode.version }));
      assert.ok(serverProcessId);
    });

    test('the language dockerfile stays the editor’s own', () => {
      const contributed: { id: string }[] =
        vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.languages;
      assert.deepEqual(
        contributed.map((language) => language.id),
        ['strata-diff'],
      );
    });

    test('client and server write the same size and the same time alike', () => {
      for (let bytes = 0; bytes < 1e16; bytes = bytes * 1.7 + 1) {
        const whole = Math.floor(bytes);
        for (const units of ['decimal', 'binary'] as const)
          assert.equal(sizeText(whole, units), formatBytes(whole, units));
      }
      for (let ms = 0; ms < 1e8; ms = ms * 1.01 + 1) assert.equal(durationText(ms), formatDuration(ms));
    });

    test('every contributed command is registered', async () => {
      const contributed: { command: string }[] =
        vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.commands;
      const registered = new Set(await vscode.commands.getCommands());
      assert.deepEqual(
        contributed.map(({ command }) => command).filter((command) => !registered.has(command)),
        [],
      );
    });
  });
}
