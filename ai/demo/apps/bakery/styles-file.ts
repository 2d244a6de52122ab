import type { DemoFile } from "../demo-file.ts";

/** The bakery's looks. Every colour has a light and a dark side, so that one property changes all. */
export const stylesFile: DemoFile = {
  path: "public/styles.css",
  content: String.raw`:root {
  color-scheme: light dark;
  --paper: light-dark(#fbf5ec, #191310);
  --card: light-dark(#ffffff, #241b16);
  --ink: light-dark(#2b1d14, #f6ebdd);
  --soft: light-dark(#6b5544, #c9b5a0);
  --line: light-dark(#ead9c3, #3d2e25);
  --ember: light-dark(#a8431a, #f2a65e);
  --on-ember: light-dark(#ffffff, #2a1507);
  --glow: light-dark(#f7dfba, #3a2416);
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif;
  --sans: ui-sans-serif, system-ui, "Segoe UI", sans-serif;
}

* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 5rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }

body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1.05rem/1.65 var(--sans);
}
@media (prefers-reduced-motion: no-preference) {
  body { transition: background-color .25s, color .25s; }
}

h1, h2, h3, .brand { font-family: var(--serif); line-height: 1.1; letter-spacing: -.01em; }
h1 { font-size: clamp(2.7rem, 7vw, 4.8rem); margin: .2em 0 .35em; }
h2 { font-size: clamp(1.7rem, 4vw, 2.4rem); margin: 0 0 1.2rem; }
h3 { font-size: 1.3rem; margin: 0 0 .8rem; }
a { color: inherit; }
:focus-visible { outline: 3px solid var(--ember); outline-offset: 3px; border-radius: 4px; }

.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 2; }

.top {
  position: sticky; top: 0; z-index: 1;
  display: flex; align-items: center; gap: 1.5rem;
  padding: .9rem max(1.25rem, calc((100vw - 70rem) / 2));
  background: color-mix(in srgb, var(--paper) 88%, transparent);
  backdrop-filter: blur(10px);
  border-bottom: 1px solid var(--line);
}
.brand { font-size: 1.35rem; font-weight: 700; text-decoration: none; margin-right: auto; }
.brand span { color: var(--ember); }
nav { display: flex; gap: 1.25rem; }
nav a { text-decoration: none; color: var(--soft); }
nav a:hover { color: var(--ember); }

main { width: min(70rem, 100% - 2.5rem); margin-inline: auto; }
section { padding-block: clamp(2.5rem, 7vw, 5rem); }

.hero { display: grid; grid-template-columns: 1.15fr 1fr; gap: clamp(2rem, 6vw, 5rem); align-items: center; }
.eyebrow { color: var(--ember); font-weight: 650; letter-spacing: .04em; margin: 0; }
.lead { font-size: 1.2rem; color: var(--soft); max-width: 34rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 1.25rem; margin-top: 2rem; }
.button {
  background: var(--ember); color: var(--on-ember);
  padding: .8rem 1.4rem; border-radius: 999px; font-weight: 650; text-decoration: none;
  transition: transform .15s;
}
.button:hover { transform: translateY(-2px); }
.quiet { text-underline-offset: .3em; }

.today { margin: 0; padding: clamp(1.25rem, 4vw, 2.5rem); border-radius: 2rem; background: radial-gradient(circle at 50% 35%, var(--glow), transparent 72%), var(--card); border: 1px solid var(--line); }
.today svg { width: 100%; height: auto; display: block; }
.today figcaption { margin-top: 1.2rem; color: var(--soft); text-align: center; }
.today strong { display: block; color: var(--ink); font-family: var(--serif); font-size: 1.2rem; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.25rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem; padding: 1.6rem; }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .55rem 0; border-top: 1px dashed var(--line); }
dl div:first-child { border-top: 0; }
dd { margin: 0; font-variant-numeric: tabular-nums; color: var(--ember); font-weight: 650; }

.split { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: clamp(2rem, 6vw, 5rem); border-top: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .7rem 0; text-align: left; font-weight: 400; border-bottom: 1px solid var(--line); }
td { text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); }

footer { padding: 2.5rem 1.25rem 3.5rem; text-align: center; color: var(--soft); font-family: var(--serif); font-style: italic; }

@media (max-width: 46rem) {
  .hero { grid-template-columns: 1fr; }
  nav { gap: .9rem; font-size: .95rem; }
  .brand { font-size: 1.15rem; }
}
`,
};
