import type { Extension } from "@codemirror/state";

/** The editor's support for a file's language, by the end of its name; nothing for what it does not know. */
export async function languageFor(path: string): Promise<Extension> {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  switch (extension) {
    case "js":
    case "mjs":
    case "cjs":
    case "jsx":
    case "ts":
    case "mts":
    case "cts":
    case "tsx": {
      const { javascript } = await import("@codemirror/lang-javascript");
      const typescript = ["ts", "mts", "cts", "tsx"].includes(extension);
      return javascript({ typescript, jsx: extension.endsWith("x") || extension === "js" });
    }
    case "html":
    case "htm":
    case "svg":
    case "vue":
      return (await import("@codemirror/lang-html")).html();
    case "css":
    case "scss":
    case "less":
      return (await import("@codemirror/lang-css")).css();
    case "json":
      return (await import("@codemirror/lang-json")).json();
    case "md":
    case "mdx":
      return (await import("@codemirror/lang-markdown")).markdown();
    case "py":
      return (await import("@codemirror/lang-python")).python();
    default:
      return [];
  }
}
