"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { applyTheme, type Theme } from "../lib/theme.ts";

interface ThemeChoice {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<ThemeChoice>({ theme: "system", setTheme: applyTheme });

/** Holds the user's choice of light or dark. */
export function ThemeProvider({ initial, children }: { initial: Theme; children: ReactNode }) {
  const [theme, setTheme] = useState(initial);
  const value = useMemo(
    () => ({
      theme,
      setTheme(next: Theme) {
        applyTheme(next);
        setTheme(next);
      },
    }),
    [theme],
  );
  return <Context value={value}>{children}</Context>;
}

/** The choice, and how to change it. */
export function useTheme(): ThemeChoice {
  return useContext(Context);
}
