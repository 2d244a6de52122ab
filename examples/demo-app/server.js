import { readFile } from "node:fs/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const page = await readFile(new URL("page.html", import.meta.url), "utf8");
const startedAt = Date.now();
let visits = 0;

const app = new Hono();
app.use(async (context, next) => {
  await next();
  console.log(`${context.req.method} ${context.req.path} ${context.res.status}`);
});
app.get("/", (context) => context.html(page));
app.get("/facts", (context) => {
  visits += 1;
  return context.json({
    node: process.version,
    directory: process.cwd(),
    upForSeconds: Math.round((Date.now() - startedAt) / 1000),
    visits,
  });
});

// Sandlot says by PORT where to listen; in the cloud there is none, and 3000 is right.
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`listening on port ${port}`),
);

process.on("SIGTERM", () => server.close(() => process.exit(0)));
