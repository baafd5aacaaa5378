// One row of lenses per stage, above its FROM: what the stage is, and what a person can do.
import * as l10n from '@vscode/l10n';
import type { CodeLens, Command } from 'vscode-languageserver/node';
import { buildTitle, stageTitle } from '../describe/lens';
import { commands } from '../protocol';
import { rangeOf } from './positions';
import type { Session } from './session';

export function codeLenses(session: Session, uri: string): CodeLens[] {
  const document = session.documents.get(uri);
  if (!document || !session.settings.codeLens.enabled) return [];
  const { dockerfile } = document.parsed();
  const analysis = document.analysis();
  const lenses: CodeLens[] = [];
  const last = analysis.stages.findLast((stage) => stage.shipped);
  for (const stage of analysis.stages) {
    const from = dockerfile.instructions[stage.instructions[0]?.index ?? -1];
    if (!from) continue;
    const range = rangeOf(dockerfile, from.start, from.keywordEnd);
    const add = (command: Command) => lenses.push({ range, command });
    const isTarget = stage === last;
    add({ title: stageTitle(stage, analysis.stages.length === 1, session.style), command: '' });
    if (isTarget) {
      const built = buildTitle(analysis, document.changeBytes(), session.style);
      if (built) add({ title: built, command: commands.showTree, arguments: [uri] });
      const { shown } = document.platforms();
      if (shown !== null) {
        add({ title: plainPlatform(shown), command: commands.choosePlatform, arguments: [uri] });
      }
      if (document.building) {
        add({ title: `$(stop-circle) ${l10n.t('Cancel')}`, command: commands.cancelBuild, arguments: [uri] });
      } else if (session.trusted) {
        add({
          title: `$(play) ${l10n.t('Build and analyze layers')}`,
          command: commands.build,
          arguments: [uri],
        });
      }
    }
    const layer = stage.instructions.find((view) => view.effect === 'layer' && view.layers.length > 0);
    if (layer) {
      add({
        title: `$(diff) ${l10n.t('Show layer diff')}`,
        command: commands.showDiff,
        // Null: the client asks which layer of this stage.
        arguments: [uri, null, stage.index],
      });
    }
  }
  return lenses;
}

/** A record may come from elsewhere, and a lens draws icons for what stands in `$(…)`. */
function plainPlatform(platform: string): string {
  return platform.replace(/[^\w./-]/g, '').slice(0, 40);
}
