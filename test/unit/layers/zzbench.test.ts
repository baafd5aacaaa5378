
import { RowTable, narrow } from '../../../server/src/layers/rowTable';
import { NameInterner } from '../../../server/src/layers/nameTable';
import { countStack } from '../../../server/src/layers/zzOldCountStack';
import { DepositFinder } from '../../../server/src/layers/deposits';
import { secretCandidates } from '../../../server/src/layers/secretNames';
import { alikeFiles } from '../../../server/src/layers/duplicates';
function make(layer: number, n: number, cache: boolean) {
  const t = new RowTable(), names = new NameInterner();
  let seed = layer;
  const rnd = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const dir = (p: number, name: string) => t.add(p, names.internText(name), 1);
  const usr = dir(-1, 'usr'); const lib = dir(usr, 'lib'+layer); const v = dir(dir(-1,'var'),'cache'); const nm = dir(-1,'node_modules');
  const pip = cache ? dir(dir(dir(-1,'root'),'.cache'),'pip') : -1;
  let d = 0;
  while (t.count < n) {
    const parent = cache && d % 5 === 0 ? pip : d % 2 ? nm : lib;
    const one = dir(parent, `package-${layer}-${d++}`);
    for (let i = 0; i < 40; i++) {
      const name = i === 0 ? 'config.json' : i === 1 ? 'package.json' : i === 2 && d % 50 === 0 ? 'cert.pem' : i < 20 ? `index${i}.js` : `f${d}-${i}.js`;
      const row = t.add(one, names.internText(name), 0);
      t.size[row] = rnd() < 0.02 ? 65536 + Math.floor(rnd() * 1e6) : Math.floor(rnd() * 8000);
      t.mode[row] = 0o644;
    }
  }
  const c = t.count;
  let sum = 0; for (let i=0;i<c;i++) sum += t.size[i]!;
  return { diffId: 'sha256:' + String(layer).padStart(64,'0') as never, count: c, unpackedBytes: sum, parent: t.parent.slice(0,c), name: narrow(t.name,c), names: names.table(true), type: t.type.slice(0,c), size: narrow(t.size,c), mode: narrow(t.mode,c), uid: narrow(t.uid,c), gid: narrow(t.gid,c), mtime: narrow(t.mtime,c), link: narrow(t.link,c), xattrs: narrow(t.xattrs,c), block: narrow(t.block,c), sparse: new Uint32Array(0), problems: [] };
}
const layers = [0,1,2,3,4].map((i) => make(i, 200_000, process.env.CACHE === '1'));
const time = (name: string, f: () => unknown) => { const all: number[] = []; for (let i=0;i<7;i++) { const a = process.cpuUsage().user; f(); all.push((process.cpuUsage().user-a)/1e3);} all.sort((a,b)=>a-b); console.log(`${name}:${all[0]!.toFixed(1)}:${all[3]!.toFixed(1)}`); };
time('countStack', () => countStack(layers as never));
time('deposits', () => { const f = new DepositFinder(); for (const l of layers) f.add(l as never); });
time('secretNames', () => { for (const l of layers) secretCandidates(l as never); });
const s = countStack(layers as never) as never as { stack: never };
if (s.stack) time('alike', () => alikeFiles(s.stack));
