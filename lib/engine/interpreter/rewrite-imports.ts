/** The function to which imports go: what runs in a read-eval-print loop is no module. */
export const IMPORT_FUNCTION = "__sandlotImport";

const IDENTIFIER = /[\p{ID_Continue}$\u200c\u200d]/u;
// After one of these, a slash begins a regular expression; after anything else it divides.
const BEFORE_EXPRESSION =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|else|do))\s*$/;
const STATIC_IMPORT =
  /^import(?:\s+([\w$]+))?\s*,?\s*(?:\*\s*as\s+([\w$]+)|(\{[^}]*\}))?\s*(?:from\s*)?(["'])((?:\\.|(?!\4).)*)\4(?:\s*with\s*(\{[^}]*\}))?[ \t]*;?/su;

/**
 * Turns `import … from "x"` and `import("x")` into calls of one function, which is all that a read-eval-print loop
 * can do; names that are imported become variables. What stands in texts, comments and regular expressions stays.
 */
export function rewriteImports(code: string): string {
  if (!code.includes("import")) return code;
  let result = "";
  let position = 0;
  while (position < code.length) {
    const end = literalEnd(code, position);
    if (end > position) {
      result += code.slice(position, end);
      position = end;
      continue;
    }
    const found = isImport(code, position) ? replaceImport(code.slice(position)) : undefined;
    result += found?.replacement ?? code[position];
    position += found?.length ?? 1;
  }
  return result;
}

function isImport(code: string, position: number): boolean {
  if (!code.startsWith("import", position)) return false;
  const [before = "", after = ""] = [code[position - 1], code[position + 6]];
  return !IDENTIFIER.test(before) && before !== "." && !IDENTIFIER.test(after);
}

function replaceImport(rest: string): { replacement: string; length: number } | undefined {
  const call = /^import(\s*)\(/.exec(rest);
  if (call) return { replacement: `${IMPORT_FUNCTION}(`, length: call[0].length };
  const match = STATIC_IMPORT.exec(rest);
  if (!match) return undefined;
  const [whole, byDefault, all, named, , specifier = "", attributes] = match;
  const given = attributes ? `, { with: ${attributes} }` : "";
  const imported = `await ${IMPORT_FUNCTION}(${JSON.stringify(specifier)}${given})`;
  const names = [
    ...(byDefault ? [`default: ${byDefault}`] : []),
    ...(named ? [namesIn(named)] : []),
  ].filter((name) => name !== "");
  const statements = [
    ...(all ? [`const ${all} = ${imported};`] : []),
    ...(names.length > 0 ? [`const { ${names.join(", ")} } = ${all ?? imported};`] : []),
  ];
  // Lines keep their numbers, for the sake of errors.
  const lines = "\n".repeat(whole.split("\n").length - 1);
  return { replacement: (statements.join(" ") || `${imported};`) + lines, length: whole.length };
}

/** `{ a, b as c, }` as a pattern has it, on one line. */
function namesIn(braces: string): string {
  const names = braces
    .slice(1, -1)
    .split(",")
    .map((name) => name.trim());
  return names
    .filter((name) => name !== "")
    .map((name) => name.replace(/\s+as\s+/, ": "))
    .join(", ");
}

/** Where the text, comment or regular expression ends that begins here; the position itself when none does. */
function literalEnd(code: string, position: number): number {
  const rest = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const found = pattern.exec(code);
    return found ? position + found[0].length : code.length;
  };
  const two = code.slice(position, position + 2);
  if (two === "//") return rest(/\/\/[^\n]*/y);
  if (two === "/*") return rest(/\/\*.*?\*\//sy);
  switch (code[position] ?? "") {
    case '"':
      return rest(/"(?:\\.|[^"\\\n])*"?/sy);
    case "'":
      return rest(/'(?:\\.|[^'\\\n])*'?/sy);
    case "`":
      return templateEnd(code, position);
    case "/":
      return BEFORE_EXPRESSION.test(code.slice(Math.max(0, position - 40), position))
        ? rest(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/\w*|\//sy)
        : position;
    default:
      return position;
  }
}

/** A template with all that stands in its braces: imports in there are left alone. */
function templateEnd(code: string, start: number): number {
  let depth = 0;
  for (let position = start + 1; position < code.length; position++) {
    const character = code[position];
    if (character === "\\") position += 1;
    else if (depth === 0 && character === "`") return position + 1;
    else if (depth === 0 && code.startsWith("${", position)) {
      depth = 1;
      position += 1;
    } else if (depth > 0) {
      const end = literalEnd(code, position);
      if (end > position) position = end - 1;
      else if (character === "{") depth += 1;
      else if (character === "}") depth -= 1;
    }
  }
  return code.length;
}
