import * as z from "zod";

const Layout = z.record(z.string(), z.number());

/** How large the areas of a project's page are: percentages by their names. */
export const PanelLayout = z.object({ columns: Layout.optional(), rows: Layout.optional() });
export type PanelLayout = z.output<typeof PanelLayout>;

/** The cookie that keeps it, so that the server sends the page in the sizes that it will have. */
export const LAYOUT_COOKIE = "sandlot-layout";

/** Reads what a cookie holds; whatever is no layout is none. */
export function toPanelLayout(value: string | undefined): PanelLayout {
  if (value === undefined) return {};
  try {
    return PanelLayout.catch({}).parse(JSON.parse(value));
  } catch {
    // Not JSON: somebody else's cookie of that name.
    return {};
  }
}

/** Keeps it for a year. */
export function keepPanelLayout(layout: PanelLayout): void {
  const value = encodeURIComponent(JSON.stringify(layout));
  document.cookie = `${LAYOUT_COOKIE}=${value}; path=/; max-age=31536000; samesite=strict`;
}
