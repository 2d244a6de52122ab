/** Light, dark, or as the system has it. */
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The cookie that keeps it, so that the server sends the page in the right colours. */
export const THEME_COOKIE = "sandlot-theme";

/** Reads what a cookie holds; whatever else it holds is the system's. */
export function toTheme(value: string | undefined): Theme {
  return THEMES.find((theme) => theme === value) ?? "system";
}

/** Shows the page in it at once, and keeps it for a year. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=strict`;
}
