import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { analyze } from '../../server/src/analysis/analyze';
import { knowledgeOfRecord } from '../../server/src/analysis/knowledge';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import { explainedBuilds } from '../../server/src/analysis/pastCauses';
import type { BuildRecord } from '../../server/src/build/model';
import { cacheHistory } from '../../server/src/forecast/cacheHistory';
import { loadedBash } from '../support/bashParser';
import { forecastSetups, startForecastBench } from './forecast/bench';
for (const setup of forecastSetups.filter(({ rules }) => rules === (process.env.RULES ?? 'classic'))) test(setup.name, async () => {
  const bench = await startForecastBench(setup);
  try {
  const text = `FROM base\nRUN printf '#!/bin/sh\\nsleep 3\\n' > /bin/apt-get && chmod +x /bin/apt-get\nARG REV\nWORKDIR /app\nENV X=1\nCOPY src.txt ./\nRUN apt-get install -y curl\nCMD ["x"]\n`;
  for (const what of ['files','args']) {
  const folder = fs.mkdtempSync(path.join(bench.folder, 'context-'));
  const records: BuildRecord[] = [];
  for (let n = 0; n < 6; n++) {
    fs.writeFileSync(path.join(folder, 'src.txt'), `x ${what==='files'?n:0}`);
    const project = { folder, text: what === 'files' ? text : text.replace('WORKDIR /app\n', 'WORKDIR /app\nRUN sleep 3\n'), choice: { target: null, platform: null, buildArgs: what==='args'?{ REV: String(n) }:{} }, noCache: false, texts: [], contents: new Map() } as any;
    const r = await bench.build(project, records); if (r.outcome !== 'built') console.log(JSON.stringify(r.failure));
    records.unshift(r);
  }
  const history = cacheHistory(pastBuilds(records));
  console.log(what, JSON.stringify(explainedBuilds(history).map(({ causes }) => causes)));
  const past = pastBuilds(records).at(-1)!; console.log(past.dockerfile.instructions.map(({index})=>past.outcome(index,'step')+' '+past.duration(index)).join(' | '));
  console.log(analyze(records[0]!.text, knowledgeOfRecord(records[0]!), { history, shell: await loadedBash() }).findings.filter(({rule})=>/Often|Mutable/.test(rule)).map(({ line, message, fixes }) => `${line} ${message} ${fixes.map(f=>f.title)}`));
  }
  } finally { await bench.stop(); }
});
