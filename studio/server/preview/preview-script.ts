import { PREVIEW_MESSAGE } from "../../contract/preview.ts";

/** Where the previewed page finds the script: a path that no app has. */
export const SCRIPT_PATH = "/__sandlot/preview.js";

/** What is put into each page: it tells the window around it about errors and about where the page is. */
export const PREVIEW_SCRIPT = `(() => {
  if (window.parent === window) return;
  const LIMIT = 2000;
  const MOST = 50;
  let sent = 0;
  const text = (value) => String(value).slice(0, LIMIT);
  // To whoever shows the page: the answer's own policy lets only this machine's pages do so.
  const tell = (message) => window.parent.postMessage({ type: ${JSON.stringify(PREVIEW_MESSAGE)}, ...message }, "*");
  const path = () => location.pathname + location.search + location.hash;
  const problem = (message, detail) => {
    if (sent >= MOST) return;
    sent += 1;
    tell({ kind: "error", message: text(message), location: text(path()), ...(detail ? { detail: text(detail) } : {}) });
  };
  addEventListener("error", (event) => {
    const target = event.target;
    if (target instanceof Element) {
      const source = target.src || target.href;
      if (source) problem("Could not load " + source);
      return;
    }
    const error = event.error;
    const place = event.filename ? event.filename + ":" + event.lineno + ":" + event.colno : "";
    problem(event.message || error, (error && error.stack) || place);
  }, true);
  addEventListener("unhandledrejection", (event) => {
    const reason = event.reason;
    problem(reason instanceof Error ? reason.name + ": " + reason.message : "Unhandled rejection: " + reason, reason && reason.stack);
  });
  const logged = console.error;
  console.error = (...values) => {
    logged.apply(console, values);
    const error = values.find((value) => value instanceof Error);
    problem(values.map((value) => (value instanceof Error ? value.message : typeof value === "string" ? value : safe(value))).join(" "), error && error.stack);
  };
  const safe = (value) => { try { return JSON.stringify(value); } catch { return String(value); } };
  const moved = () => tell({ kind: "location", path: path() });
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...values) { const result = original.apply(this, values); moved(); return result; };
  }
  addEventListener("popstate", moved);
  addEventListener("hashchange", moved);
  // The key that walks between the studio's areas would end here otherwise.
  addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    tell({ kind: "leave", backwards: event.shiftKey });
  });
  addEventListener("DOMContentLoaded", () => tell({ kind: "ready", path: path() }));
})();
`;

const TAG = `<script src="${SCRIPT_PATH}"></script>`;

/** The page with the script before all scripts of its own. */
export function injectScript(html: string): string {
  const head = /<head(\s[^>]*)?>/i.exec(html) ?? /<html(\s[^>]*)?>/i.exec(html);
  const place = head ?? /^\s*<!doctype[^>]*>/i.exec(html);
  if (!place) return TAG + html;
  const position = place.index + place[0].length;
  return html.slice(0, position) + TAG + html.slice(position);
}
