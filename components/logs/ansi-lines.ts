import Anser from "anser";

/** A piece of a line in one style. */
export interface AnsiSpan {
  text: string;
  /** One of the terminal's eight colours, by its class; or an exact colour. */
  className?: string;
  color?: string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

/** One line of output. */
export interface AnsiLine {
  spans: readonly AnsiSpan[];
  /** Its text alone. */
  text: string;
}

// An escape sequence whose end has not come yet.
const UNFINISHED = /\u001b(?:\[[0-9;?]*|\][^\u0007\u001b]*)?$/;
// A style that no terminal has: what comes before the first sequence of a piece would lose the last piece's colours.
const KEEP_STYLE = "\u001b[50m";
// Titles and links (OSC), and everything that moves the cursor or erases: a log has no cursor.
const UNSHOWN =
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b\[[0-9;?]*[A-HJKSTfhlsu]|\u001b[()][A-Z0-9]|[\u0000-\u0007\u000b\u000c\u000e-\u001a]/g;

// More than this no page holds without becoming slow, and nobody reads.
const MOST_LINES = 200_000;
// The oldest go so many at a time: each time, all that stay are copied.
const DROPPED_AT_ONCE = 20_000;

const CLASSES = /^ansi-(?:bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;

/**
 * Turns what a command writes into lines with their colours, piece by piece, wherever the pieces were cut. A carriage
 * return begins the line anew, so that a progress bar is one line in its last state. Of very long output the newest
 * lines are kept.
 */
export class AnsiLines {
  readonly #anser = new Anser();
  readonly #lines: AnsiLine[] = [];
  #dropped = 0;
  #rest = "";
  // The line that has no end yet.
  #spans: AnsiSpan[] = [];
  // A carriage return came last: what is written next takes the line's place, a line break keeps it.
  #returned = false;

  /** Every line that is kept, as of now; the last one may still grow. */
  get lines(): readonly AnsiLine[] {
    return this.#spans.length > 0 ? [...this.#lines, toLine(this.#spans)] : [...this.#lines];
  }

  /** How many lines there were before the first that is kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The text of the lines that have ended; they are not kept any longer. */
  take(): string {
    return this.#lines
      .splice(0)
      .map(({ text }) => `${text}\n`)
      .join("");
  }

  /** Takes the next piece of the output. */
  append(piece: string): void {
    const text = this.#rest + piece;
    const cut = UNFINISHED.exec(text)?.index ?? text.length;
    this.#rest = text.slice(cut);
    const shown = text.slice(0, cut).replace(UNSHOWN, "");
    if (shown === "") return;
    const parts = this.#anser.ansiToJson(`${KEEP_STYLE}${shown}`, {
      json: true,
      remove_empty: true,
      use_classes: true,
    });
    for (const part of parts) this.#write(part.content, styleOf(part));
  }

  #write(content: string, style: Omit<AnsiSpan, "text">): void {
    // The signs stay in the list, each by itself.
    for (const text of content.split(/(\r?\n|\r)/)) {
      if (text === "") continue;
      if (text === "\r") this.#returned = true;
      else if (text === "\n" || text === "\r\n") {
        this.#end();
      } else {
        if (this.#returned) this.#spans = [];
        this.#returned = false;
        this.#spans = [...this.#spans, { text, ...style }];
      }
    }
  }

  #end(): void {
    this.#lines.push(toLine(this.#spans));
    this.#spans = [];
    this.#returned = false;
    if (this.#lines.length < MOST_LINES + DROPPED_AT_ONCE) return;
    this.#lines.splice(0, DROPPED_AT_ONCE);
    this.#dropped += DROPPED_AT_ONCE;
  }
}

function toLine(spans: readonly AnsiSpan[]): AnsiLine {
  return { spans, text: spans.map(({ text }) => text).join("") };
}

function styleOf(part: Anser.AnserJsonEntry): Omit<AnsiSpan, "text"> {
  const { fg, fg_truecolor, decorations } = part;
  const named = fg ? CLASSES.exec(fg)?.[1] : undefined;
  const color = fg === "ansi-truecolor" ? `rgb(${fg_truecolor})` : paletteColor(fg);
  return {
    ...(named ? { className: `ansi-${named}` } : {}),
    ...(color ? { color } : {}),
    ...(decorations.includes("bold") ? { bold: true } : {}),
    ...(decorations.includes("dim") ? { dim: true } : {}),
    ...(decorations.includes("italic") ? { italic: true } : {}),
    ...(decorations.includes("underline") ? { underline: true } : {}),
  };
}

// The cube of 216 colours and the greys of a terminal with 256; the first 16 come with names.
function paletteColor(name: string | null): string | undefined {
  const index = name ? Number(/^ansi-palette-(\d+)$/.exec(name)?.[1] ?? Number.NaN) : Number.NaN;
  if (Number.isNaN(index)) return undefined;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`;
}
