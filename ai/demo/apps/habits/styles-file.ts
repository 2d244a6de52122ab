import type { DemoFile } from "../demo-file.ts";

/** The habit tracker's looks. */
export const stylesFile: DemoFile = {
  path: "src/styles.css",
  content: String.raw`:root {
  color-scheme: light dark;
  --page: light-dark(#f3f1fa, #12101b);
  --card: light-dark(#ffffff, #1c1929);
  --ink: light-dark(#1d1830, #efecf9);
  --soft: light-dark(#625b7c, #a9a2c4);
  --line: light-dark(#e1dcf0, #2f2a45);
  --accent: light-dark(#5b3fd6, #a796ff);
  --on-accent: light-dark(#ffffff, #180f3d);
  font: 1rem/1.5 ui-sans-serif, system-ui, "Segoe UI", sans-serif;
}

* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); }
main { width: min(46rem, 100% - 2rem); margin: clamp(1.5rem, 6vw, 4rem) auto; display: grid; gap: 1.5rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }

header { display: flex; justify-content: space-between; align-items: center; gap: 1.5rem; }
header p { margin: 0; color: var(--soft); }
h1 { font-size: clamp(2.2rem, 7vw, 3.6rem); line-height: 1.05; letter-spacing: -.035em; margin: .2rem 0 .4rem; }

.ring { width: clamp(6rem, 20vw, 8.5rem); flex: none; }
.ring circle { fill: none; stroke-width: 9; }
.track { stroke: var(--line); }
.bar { stroke: var(--accent); stroke-linecap: round; transition: stroke-dashoffset .5s ease; }
.ring text { fill: var(--ink); font-size: 1.3rem; font-weight: 700; }

section { display: grid; gap: 1rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem; padding: 1.1rem 1.25rem; }
.name { display: flex; align-items: center; gap: .75rem; margin-bottom: .9rem; }
.name h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
.icon { font-size: 1.4rem; }
.remove { margin-left: auto; border: 0; background: none; color: var(--soft); font-size: .9rem; padding: .25rem .5rem; border-radius: .4rem; }
.remove:hover { color: var(--ink); }

.week { display: grid; grid-template-columns: repeat(7, 1fr); gap: .4rem; }
.day { display: grid; justify-items: center; padding: .5rem 0; border-radius: .8rem; border: 1px solid var(--line); background: transparent; transition: background-color .15s, transform .15s; }
.day span { font-size: .8rem; color: var(--soft); }
.day:hover { border-color: var(--accent); }
.day:active { transform: scale(.94); }
.day.done { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.day.done span { color: inherit; }

form label { color: var(--soft); font-size: .9rem; }
form div { display: flex; gap: .6rem; margin-top: .35rem; }
input { flex: 1; min-width: 0; padding: .75rem 1rem; border-radius: .9rem; border: 1px solid var(--line); background: var(--card); }
form button { padding: .75rem 1.5rem; border: 0; border-radius: .9rem; background: var(--accent); color: var(--on-accent); font-weight: 650; }
.empty { color: var(--soft); text-align: center; }

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}
`,
};
