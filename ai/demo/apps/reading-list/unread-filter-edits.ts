import type { DemoEdit } from "../demo-file.ts";

/** The further change: a switch that leaves the unread books. */
export const unreadFilterEdits: readonly DemoEdit[] = [
  {
    path: "public/index.html",
    search: `      <ul id="books" aria-label="Books"></ul>`,
    replace: `      <label class="filter">
        <input type="checkbox" id="unread" />
        Unread books only
      </label>

      <ul id="books" aria-label="Books"></ul>`,
  },
  {
    path: "public/app.js",
    search: `const visible = () => books;`,
    replace: `const unreadOnly = find("#unread");
unreadOnly.addEventListener("change", () => show());

const visible = () => books.filter((book) => !unreadOnly.checked || !book.read);`,
  },
  {
    path: "public/styles.css",
    search: `#problem { color: var(--alarm); font-weight: 600; }`,
    replace: `#problem { color: var(--alarm); font-weight: 600; }
.filter { display: inline-flex; align-items: center; gap: .6rem; margin-top: 1.25rem; cursor: pointer; color: var(--soft); }
.filter:has(:checked) { color: var(--ink); }`,
  },
];
