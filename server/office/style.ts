/** The back office's one style sheet: dense, quiet, legible at 1366×768. */
export const STYLE = `
:root { --ink: #1d2733; --soft: #5b6875; --line: #dce1e6; --ground: #f5f7f8; --paper: #fff; --deep: #17496b;
  --good: #1f6b45; --warn: #9a5b00; --bad: #a3262a; --wash: #eaf1f6; }
* { box-sizing: border-box; }
html { font: 14px/1.5 system-ui, "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: var(--ink); background: var(--ground); }
body { margin: 0; }
a { color: var(--deep); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--deep); outline-offset: 1px; }
header { display: flex; align-items: center; gap: 20px; padding: 0 24px; height: 46px; background: var(--deep); color: #fff; }
header strong { font-size: 15px; font-weight: 600; }
header a { color: #fff; }
header .who { margin-left: auto; opacity: .9; }
header button { background: transparent; color: #fff; border-color: rgba(255,255,255,.5); }
main { padding: 16px 24px 32px; max-width: 1560px; margin: 0 auto; }
h1 { font-size: 18px; margin: 0 0 12px; font-weight: 600; }
h2 { font-size: 14px; margin: 0 0 8px; font-weight: 600; color: var(--soft); }
form.filter > a { line-height: 32px; }
form.filter { display: flex; flex-wrap: wrap; align-items: end; gap: 10px 14px; margin-bottom: 12px; }
label { display: grid; gap: 2px; font-size: 12px; color: var(--soft); }
input, select, textarea, button { font: inherit; font-size: 14px; color: var(--ink); background: var(--paper); border: 1px solid #b9c3cc; border-radius: 4px; padding: 4px 8px; min-height: 32px; }
textarea { width: 100%; resize: vertical; min-height: 58px; }
button { cursor: pointer; padding: 4px 14px; }
button.main { background: var(--deep); border-color: var(--deep); color: #fff; }
button.plain { border: 0; background: none; padding: 0 4px; min-height: 0; color: var(--deep); text-decoration: underline; }
table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); }
th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: 12px; font-weight: 500; color: var(--soft); background: #eef1f3; white-space: nowrap; }
tbody tr:hover { background: var(--wash); }
td.no, td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.item { min-width: 15em; }
.mark { display: inline-block; font-weight: 400; vertical-align: 1px; padding: 0 8px; border-radius: 10px; font-size: 12px; line-height: 20px; white-space: nowrap; background: #e8ecef; color: var(--soft); }
.mark.stepped { background: var(--wash); color: var(--deep); }
.mark.finished { background: #e3f1e9; color: var(--good); }
.mark.conflict { background: #fae7e7; color: var(--bad); }
.empty { padding: 36px; text-align: center; color: var(--soft); }
.pages { display: flex; gap: 16px; margin-top: 12px; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 350px; gap: 16px; align-items: start; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: 14px 16px; margin-bottom: 14px; }
section.bad { border-color: #e2b4b5; background: #fffafa; }
dl { display: grid; grid-template-columns: 6.5em minmax(0, 1fr) 6.5em minmax(0, 1fr); gap: 4px 12px; margin: 0; }
dl.sides { grid-template-columns: 3em minmax(0, 1fr); margin-bottom: 10px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
form.inline { display: inline; }
.number { font-variant-numeric: tabular-nums; letter-spacing: .02em; }
.deed { display: grid; gap: 8px; }
.deed > button { justify-self: start; }
.choices { display: flex; gap: 6px 16px; flex-wrap: wrap; }
.choices label { display: flex; align-items: center; gap: 5px; font-size: 14px; color: var(--ink); }
.choices input { min-height: 0; }
.said { padding: 8px 12px; border-radius: 4px; margin: 0 0 12px; background: #fff4df; color: var(--warn); }
.said.good { background: #e3f1e9; color: var(--good); }
.sign-in { max-width: 340px; margin: 9vh auto 0; }
.sign-in form { display: grid; gap: 12px; }
.hint { color: var(--soft); font-size: 12px; margin: 0; }
section table { border: 0; } section th:first-child, section td:first-child { padding-left: 0; }
@media (max-width: 1000px) { .columns { grid-template-columns: 1fr; } }
`;
