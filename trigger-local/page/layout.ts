import { html } from "hono/html";

/** Rendered HTML: what was put into it is escaped. */
export type Html = ReturnType<typeof html>;

/** A whole page. */
export function layout(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page/page.css" />
        <script type="module" src="/page/page.js"></script>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
}
