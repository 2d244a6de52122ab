import type { DemoFile } from "../demo-file.ts";

/** The reading list's looks. */
export const stylesFile: DemoFile = {
  path: "public/styles.css",
  content: String.raw`:root {
  color-scheme: light dark;
  --page: light-dark(#eef1ee, #101513);
  --card: light-dark(#ffffff, #18201d);
  --ink: light-dark(#16211c, #e8efe9);
  --soft: light-dark(#55655d, #9db0a6);
  --line: light-dark(#d8e0da, #2b3833);
  --accent: light-dark(#1d6b4c, #6fd3a5);
  --on-accent: light-dark(#ffffff, #08281b);
  --alarm: light-dark(#a32626, #ff9d94);
}

* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 ui-sans-serif, system-ui, "Segoe UI", sans-serif; }
main { width: min(44rem, 100% - 2rem); margin: clamp(1.5rem, 7vw, 5rem) auto; }
h1 { font: 700 clamp(2.2rem, 7vw, 3.4rem)/1 Georgia, "Times New Roman", serif; letter-spacing: -.02em; margin: 0; }
header p { color: var(--soft); margin: .6rem 0 2rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

form { display: grid; grid-template-columns: 1.4fr 1fr auto; gap: .75rem; align-items: end; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1rem; }
form span { display: block; font-size: .85rem; color: var(--soft); margin-bottom: .25rem; }
input:not([type="checkbox"]) { width: 100%; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .75rem; }
button { font: inherit; cursor: pointer; border-radius: .6rem; border: 1px solid var(--line); background: transparent; color: var(--soft); padding: .35rem .75rem; }
button:hover { color: var(--ink); border-color: var(--soft); }
form button { background: var(--accent); color: var(--on-accent); border-color: transparent; font-weight: 650; padding: .6rem 1.25rem; }
form button:hover { color: var(--on-accent); filter: brightness(1.08); }

#problem { color: var(--alarm); font-weight: 600; }
#empty { color: var(--soft); text-align: center; padding: 2rem; }

ul { list-style: none; padding: 0; margin: 1.25rem 0 2rem; display: grid; gap: .5rem; }
li { display: flex; align-items: center; gap: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: .8rem 1rem; }
li label { display: flex; align-items: center; gap: .9rem; flex: 1; min-width: 0; cursor: pointer; }
li strong { display: block; font: 600 1.1rem/1.3 Georgia, "Times New Roman", serif; overflow-wrap: anywhere; }
li small { color: var(--soft); font-size: .9rem; }
li.read strong { color: var(--soft); text-decoration: line-through; text-decoration-thickness: 1px; }
input[type="checkbox"] { width: 1.25rem; height: 1.25rem; accent-color: var(--accent); flex: none; }

details { color: var(--soft); }
summary { cursor: pointer; }
dl div { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .35rem 0; }
dt { min-width: 13rem; }
dd { margin: 0; }
code { font: .9em ui-monospace, "Cascadia Mono", monospace; color: var(--ink); }

@media (max-width: 36rem) {
  form { grid-template-columns: 1fr; }
}
`,
};
