import type { ITheme } from "@xterm/xterm";

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The page's colours for xterm, which takes no CSS variables. */
export function readTerminalTheme(element: HTMLElement): ITheme {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });

  function color(variable: string): string {
    probe.style.color = `var(${variable})`;
    const value = getComputedStyle(probe).color;
    if (!context) return value;
    // The page's colours are in a space that xterm does not read: a canvas turns them into sRGB.
    context.fillStyle = value;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  }

  const theme: ITheme = {
    background: color("--code"),
    foreground: color("--foreground"),
    cursor: color("--primary"),
    cursorAccent: color("--code"),
    selectionBackground: color("--input"),
  };
  for (const name of COLORS) {
    const value = color(`--ansi-${name}`);
    theme[name] = value;
    theme[`bright${name[0]!.toUpperCase()}${name.slice(1)}` as "brightRed"] = value;
  }
  probe.remove();
  return theme;
}
