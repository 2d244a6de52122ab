import type { DemoFile } from "../demo-file.ts";
import { pageHead } from "../page-head.ts";

/** The page of the reading list, with its script. */
export const pageFile: DemoFile = {
  path: "public/index.html",
  content: String.raw`<!doctype html>
<html lang="en">
  <head>
    ${pageHead({ title: "Reading list", emoji: "📚" })}
    <link rel="stylesheet" href="styles.css" />
    <script src="app.js" defer></script>
  </head>
  <body>
    <main>
      <header>
        <h1>Reading list</h1>
        <p id="summary" role="status">Loading…</p>
      </header>

      <form id="add">
        <label>
          <span>Title</span>
          <input name="title" required maxlength="200" autocomplete="off" placeholder="A book that you want to read" />
        </label>
        <label>
          <span>Author</span>
          <input name="author" maxlength="200" autocomplete="off" placeholder="Who wrote it" />
        </label>
        <button>Add</button>
      </form>
      <p id="problem" role="alert" hidden></p>

      <ul id="books" aria-label="Books"></ul>
      <p id="empty" hidden>Nothing here. Add the book that lies on your bedside table.</p>

      <details>
        <summary>The API behind this page</summary>
        <dl>
          <div><dt><code>GET /api/books</code></dt><dd>all books</dd></div>
          <div><dt><code>POST /api/books</code></dt><dd>adds one: <code>{"title", "author"}</code></dd></div>
          <div><dt><code>PATCH /api/books/:id</code></dt><dd>marks it: <code>{"read": true}</code></dd></div>
          <div><dt><code>DELETE /api/books/:id</code></dt><dd>takes it off the list</dd></div>
        </dl>
      </details>
    </main>
  </body>
</html>
`,
};

/** What the page does. */
export const scriptFile: DemoFile = {
  path: "public/app.js",
  content: String.raw`const find = (selector) => document.querySelector(selector);
const list = find("#books");
const problem = find("#problem");
let books = [];

const api = async (method, path, body) => {
  const response = await fetch("/api/books" + path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
};

const attempt = async (work) => {
  problem.hidden = true;
  try {
    await work();
    books = (await api("GET", "")).books;
    show();
  } catch (error) {
    problem.textContent = "That did not work: " + error.message + ".";
    problem.hidden = false;
  }
};

const visible = () => books;

const show = () => {
  const unread = books.filter((book) => !book.read).length;
  find("#summary").textContent =
    books.length + (books.length === 1 ? " book, " : " books, ") + unread + " still to read";
  find("#empty").hidden = visible().length > 0;
  list.replaceChildren(...visible().map(row));
};

const row = (book) => {
  const item = document.createElement("li");
  item.className = book.read ? "read" : "";

  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = book.read;
  box.addEventListener("change", () =>
    attempt(() => api("PATCH", "/" + book.id, { read: box.checked })),
  );
  const text = document.createElement("span");
  const title = document.createElement("strong");
  title.textContent = book.title;
  const author = document.createElement("small");
  author.textContent = book.author || "Unknown";
  text.append(title, author);
  label.append(box, text);

  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", "Remove " + book.title);
  remove.addEventListener("click", () => attempt(() => api("DELETE", "/" + book.id)));

  item.append(label, remove);
  return item;
};

find("#add").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { title, author } = Object.fromEntries(new FormData(form));
  attempt(async () => {
    await api("POST", "", { title, author });
    form.reset();
    form.elements.title.focus();
  });
});

attempt(async () => {});
`,
};
