// The looks of a diff as HTML: light or dark as the reader's system has it, a word and a sign beside each colour.

export const diffHtmlStyle = `:root {
  color-scheme: light dark;
  --text: #1f2328; --dim: #59636e; --page: #ffffff; --soft: #f6f8fa; --line: #d8dee4;
  --added: #1a7f37; --modified: #0969da; --removed: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e8eb; --dim: #9aa4af; --page: #15181c; --soft: #1d2126; --line: #343a42;
    --added: #4cc264; --modified: #58a6ff; --removed: #ff7b72;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; color: var(--text); background: var(--page);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
main { max-width: 1200px; margin: 0 auto; padding: 32px 24px 48px; }
code, h1, .path, .link { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.kicker { margin: 0; color: var(--dim); }
h1 { margin: 2px 0 16px; font-size: 20px; line-height: 1.35; font-weight: 600; overflow-wrap: anywhere; }
dl { margin: 0; }
dl div { display: flex; gap: 16px; }
dt { flex: 0 0 72px; color: var(--dim); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
dd code { font-size: 13px; color: var(--dim); }
dd bdi + code { margin-left: 8px; }
section { margin: 24px 0; padding: 16px; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); }
.bar { display: flex; gap: 2px; height: 10px; margin-bottom: 12px; overflow: hidden; border-radius: 3px; }
.bar i { flex: 0 1 0; min-width: 2px; }
.bar .added { background: var(--added); }
.bar .modified { background: var(--modified); }
.bar .removed { background: var(--removed); }
ul { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 0; padding: 0; list-style: none; }
li span { color: var(--dim); font-variant-numeric: tabular-nums; }
b { display: inline-block; width: 1ch; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.added b { color: var(--added); }
.modified b { color: var(--modified); }
.removed b { color: var(--removed); }
table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 8px; text-align: start; font-weight: 600; }
th {
  position: sticky; top: 0; padding: 6px 12px 6px 0; text-align: start; font-weight: 400;
  color: var(--dim); background: var(--page); box-shadow: inset 0 -1px var(--line);
}
td { padding: 4px 12px 4px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:hover td { background: var(--soft); }
.change, .number, .share, th { white-space: nowrap; }
.path { width: 100%; font-size: 13px; overflow-wrap: anywhere; }
.folders, .link, .type, .what { color: var(--dim); }
.number { text-align: end; font-variant-numeric: tabular-nums; }
.share { font-variant-numeric: tabular-nums; color: var(--dim); }
.share i { display: inline-block; height: 8px; min-width: 1px; margin-right: 6px; border-radius: 1px; background: currentColor; }
.added .share i { background: var(--added); }
.modified .share i { background: var(--modified); }
.removed .share i { background: var(--removed); }
.what { min-width: 96px; }
.cut { font-weight: 600; }
footer { margin-top: 24px; font-size: 12px; color: var(--dim); }
@media (max-width: 640px) {
  main { padding: 20px 12px; }
  .share, .what, th:nth-child(5), th:nth-child(6) { display: none; }
}
@media print {
  main { max-width: none; padding: 0; }
  th { position: static; }
  .bar, .share i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
