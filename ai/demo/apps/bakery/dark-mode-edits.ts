import type { DemoEdit } from "../demo-file.ts";

/** The further change: a button that switches between light and dark. */
export const darkModeEdits: readonly DemoEdit[] = [
  {
    path: "public/index.html",
    search: `        <a href="#visit">Visit</a>
      </nav>`,
    replace: `        <a href="#visit">Visit</a>
      </nav>
      <button class="theme" type="button" id="theme" aria-pressed="false">Dark</button>`,
  },
  {
    path: "public/index.html",
    search: `  </body>
</html>`,
    replace: `    <script>
      const button = document.querySelector("#theme");
      const system = matchMedia("(prefers-color-scheme: dark)");
      const remembered = () => {
        try { return localStorage.getItem("theme"); } catch { return null; }
      };
      const show = (theme) => {
        document.documentElement.style.colorScheme = theme;
        button.setAttribute("aria-pressed", String(theme === "dark"));
        button.textContent = theme === "dark" ? "Light" : "Dark";
        button.setAttribute("aria-label", "Switch to " + (theme === "dark" ? "light" : "dark"));
      };
      let theme = remembered() ?? (system.matches ? "dark" : "light");
      show(theme);
      button.addEventListener("click", () => {
        theme = theme === "dark" ? "light" : "dark";
        show(theme);
        try { localStorage.setItem("theme", theme); } catch {}
      });
    </script>
  </body>
</html>`,
  },
  {
    path: "public/styles.css",
    search: `nav a:hover { color: var(--ember); }`,
    replace: `nav a:hover { color: var(--ember); }
.theme {
  font: inherit; font-size: .95rem; cursor: pointer;
  padding: .35rem .9rem; border-radius: 999px;
  border: 1px solid var(--line); background: var(--card); color: var(--ink);
}
.theme:hover { border-color: var(--ember); color: var(--ember); }`,
  },
];
