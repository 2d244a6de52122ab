import type { DemoFile } from "../demo-file.ts";
import { pageHead } from "../page-head.ts";

/** What makes it a Vite project. */
export const projectFiles: readonly DemoFile[] = [
  {
    path: "package.json",
    content: `${JSON.stringify(
      {
        name: "habits",
        private: true,
        type: "module",
        scripts: { dev: "vite", build: "vite build" },
        dependencies: { react: "^19.2.0", "react-dom": "^19.2.0" },
        devDependencies: { "@vitejs/plugin-react": "^6.0.0", vite: "^8.0.0" },
      },
      null,
      2,
    )}\n`,
  },
  {
    path: "vite.config.js",
    content: String.raw`import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "0.0.0.0",
    port: Number(process.env.PORT) || 3000,
    strictPort: true,
    // The preview has a host name of its own.
    allowedHosts: true,
  },
});
`,
  },
  {
    path: "index.html",
    content: String.raw`<!doctype html>
<html lang="en">
  <head>
    ${pageHead({ title: "Habits", emoji: "🌱" })}
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.jsx"></script>
  </body>
</html>
`,
  },
  {
    path: ".gitignore",
    content: "node_modules\ndist\n",
  },
];
