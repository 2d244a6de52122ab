// Turns what a program wrote to a terminal into an SVG: each line appears when it
// was written. Viewers without animation show the finished screen.

/** A piece of output and when it came, in milliseconds from the start. */
export interface RecordedChunk {
  atMs: number;
  data: string;
}

interface Span {
  text: string;
  classes: string[];
}

interface Line {
  atMs: number;
  spans: Span[];
}

/** The few styles that our programs use, by their SGR codes; 22 and 39 take them off again. */
const ON: Record<string, string> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "36": "cyan",
};
const OFF: Record<string, string[]> = {
  "0": Object.values(ON),
  "22": ["bold", "dim"],
  "39": ["red", "green", "yellow", "cyan"],
};

const ESCAPE = "\u001b";
const UNFINISHED = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*)?$`);
const SEQUENCE_OR_BREAK = new RegExp(`(${ESCAPE}\\[[0-9;?]*[A-Za-z]|\\r?\\n)`);
const COLOUR = new RegExp(`^${ESCAPE}\\[([0-9;]*)m$`);

/** Cuts a recording into styled lines. Sequences other than colours are left out. */
export function styledLines(chunks: RecordedChunk[]): Line[] {
  const lines: Line[] = [];
  let current: Line | undefined;
  let classes: string[] = [];
  let rest = "";
  for (const { atMs, data } of chunks) {
    // An escape sequence may be cut in two by the boundary between chunks.
    const text = rest + data;
    const cut = UNFINISHED.exec(text)?.index ?? text.length;
    rest = text.slice(cut);
    for (const part of text.slice(0, cut).split(SEQUENCE_OR_BREAK)) {
      const codes = COLOUR.exec(part)?.[1];
      if (codes !== undefined) {
        for (const code of codes.split(";")) classes = restyled(classes, code === "" ? "0" : code);
      } else if (part === "\n" || part === "\r\n") {
        lines.push(current ?? { atMs, spans: [] });
        current = undefined;
      } else if (part !== "" && !part.startsWith(ESCAPE)) {
        current ??= { atMs, spans: [] };
        current.spans.push({ text: part, classes });
      }
    }
  }
  if (current) lines.push(current);
  return lines;
}

function restyled(classes: string[], code: string): string[] {
  const off = OFF[code];
  if (off) return classes.filter((name) => !off.includes(name));
  const on = ON[code];
  return on ? [...classes.filter((name) => name !== on), on] : classes;
}

interface PictureOptions {
  title: string;
  /** Said to those who cannot see it. */
  description: string;
}

const LINE_HEIGHT = 20;
const CHARACTER_WIDTH = 8.43;
const TOP = 52;
const SIDE = 22;
/** A recording is shown in at most this time, whatever it took. */
const LONGEST_MS = 8_000;

/** The recording as a self-contained SVG, without scripts or outside fonts. */
export function terminalPicture(chunks: RecordedChunk[], options: PictureOptions): string {
  const lines = styledLines(chunks);
  const columns = Math.max(60, ...lines.map(({ spans }) => lengthOf(spans)));
  const width = Math.ceil(columns * CHARACTER_WIDTH + 2 * SIDE);
  const height = TOP + lines.length * LINE_HEIGHT + 14;
  const end = Math.max(1, ...lines.map(({ atMs }) => atMs));
  const scale = Math.min(1, LONGEST_MS / end);
  const body = lines.map((line, index) => lineElement(line, { index, scale })).filter(Boolean);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escape(options.description)}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#16181d"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map(
      (fill, index) => `<circle cx="${22 + index * 18}" cy="20" r="5.5" fill="${fill}"/>`,
    ),
    `<text class="title" x="${width / 2}" y="24" text-anchor="middle">${escape(options.title)}</text>`,
    ...body,
    "</svg>",
  ].join("\n")}\n`;
}

const STYLE = [
  "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d7dae0;white-space:pre}",
  ".title{fill:#8b919d;font-size:13px}",
  ".bold{font-weight:700;fill:#fff}.dim{fill:#8b919d}.red{fill:#ff7b72}.green{fill:#5fd38d}.yellow{fill:#e3b341}.cyan{fill:#6cb6ff}",
  ".line{animation:show 1ms both}@keyframes show{from{opacity:0}}",
  "@media (prefers-reduced-motion:reduce){.line{animation:none}}",
].join("");

function lineElement(
  { spans, atMs }: Line,
  { index, scale }: { index: number; scale: number },
): string {
  if (lengthOf(spans) === 0) return "";
  const text = spans
    .map(({ text: part, classes }) =>
      classes.length > 0
        ? `<tspan class="${classes.join(" ")}">${escape(part)}</tspan>`
        : escape(part),
    )
    .join("");
  const y = TOP + index * LINE_HEIGHT + 10;
  const delay = `animation-delay:${Math.round(atMs * scale)}ms`;
  return `<text class="line" x="${SIDE}" y="${y}" style="${delay}" xml:space="preserve">${text}</text>`;
}

function lengthOf(spans: Span[]): number {
  return spans.reduce((sum, { text }) => sum + text.length, 0);
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);
}
