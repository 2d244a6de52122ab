"use client";

import { useEffect, useRef, useState } from "react";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useTheme } from "../shell/theme-provider.tsx";
import { connectTerminal } from "./terminal-connection.ts";
import { readTerminalTheme } from "./terminal-theme.ts";

export interface TerminalViewProps {
  sandboxId: string;
  terminalId: string;
  title: string;
  /** Whether it is the one that is seen; it then gets the keys. */
  active: boolean;
  onExit: () => void;
  /** It cannot be reached: whether it is still there is to be looked up. */
  onRefused: () => void;
}

/** One terminal's screen. What was on it comes back after a reload. */
export function TerminalView(props: TerminalViewProps) {
  const { sandboxId, terminalId, title, active } = props;
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<Terminal>(null);
  const [connected, setConnected] = useState(true);
  const { theme } = useTheme();
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  // A shell that has ended has nothing more to say.
  const over = useRef(false);

  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const terminal = new Terminal({
      fontFamily: getComputedStyle(element).fontFamily,
      fontSize: 12.5,
      lineHeight: 1.25,
      cursorBlink: true,
      scrollback: 5_000,
      theme: readTerminalTheme(element),
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(element);
    terminal.textarea?.setAttribute("aria-label", `Terminal: ${title}`);
    // F6 leads out of it, to the page's next area: Tab belongs to the shell.
    terminal.attachCustomKeyEventHandler(({ key }) => key !== "F6");
    screen.current = terminal;

    // Fits only what is seen: a folded panel has no size to fit.
    const sizes = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0 && entry.contentRect.height > 0) fit.fit();
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      terminal.dispose();
      screen.current = null;
    };
  }, [terminalId, title]);

  // Only the one that is seen is connected, for a browser has few connections. What it missed comes as the replay.
  useEffect(() => {
    const terminal = screen.current;
    if (!active || !terminal || over.current) return undefined;
    const connection = connectTerminal({
      sandboxId,
      terminalId,
      onConnection: setConnected,
      onOutput(bytes, replay) {
        if (replay) terminal.reset();
        terminal.write(bytes);
      },
      onExit(message) {
        terminal.write(`\r\n\u001b[2m${message}\u001b[0m\r\n`);
        terminal.options.disableStdin = true;
        over.current = true;
        latest.current.onExit();
      },
      onRefused: () => latest.current.onRefused(),
    });
    const typing = terminal.onData((data) => connection.type(data));
    const sizing = terminal.onResize(({ cols, rows }) => connection.resize(cols, rows));
    connection.resize(terminal.cols, terminal.rows);
    terminal.focus();
    return () => {
      typing.dispose();
      sizing.dispose();
      connection.close();
    };
  }, [sandboxId, terminalId, title, active]);

  useEffect(() => {
    const adopt = () => {
      if (screen.current && place.current) {
        screen.current.options.theme = readTerminalTheme(place.current);
      }
    };
    adopt();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", adopt);
    return () => dark.removeEventListener("change", adopt);
  }, [theme]);

  return (
    <div className="relative h-full bg-code py-1.5 pl-2.5">
      <div ref={place} className="h-full overflow-hidden font-mono" />
      {!connected && (
        <p
          role="status"
          className="absolute top-2 right-3 rounded-md bg-warning-soft px-2 py-0.5 text-xs"
        >
          Connecting again …
        </p>
      )}
    </div>
  );
}
