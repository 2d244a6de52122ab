import { type Expression, parseSync, Visitor } from "oxc-parser";

/** One module that a file names, and how. */
export interface Import {
  specifier: string;
  /** By `import()`, of a module or of its types: nothing is loaded before that place is reached. */
  dynamic: boolean;
  line: number;
}

export interface Source {
  imports: Import[];
  /** The lines on which the environment is reached: `process.env`, however it is spelled. */
  environmentLines: number[];
}

/**
 * Every module that the source names: static, type-only, re-exported, by `import()`, by `require()` or in a type
 * (`import("x").T`). One that is put together at run time names nothing that could be checked, and is left out.
 * Throws for what does not parse.
 */
export function readSource(file: string, text: string): Source {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const imports: Import[] = [];
  const environmentLines: number[] = [];
  const add = (specifier: string | undefined, start: number, dynamic: boolean) => {
    if (specifier !== undefined) imports.push({ specifier, dynamic, line: lineOf(start) });
  };

  for (const { moduleRequest, start } of module.staticImports) {
    add(moduleRequest.value, start, false);
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest } of entries) add(moduleRequest?.value, start, false);
  }
  new Visitor({
    ImportExpression: (node) => add(textOf(node.source), node.start, true),
    TSImportType: (node) => add(textOf(node.source), node.start, true),
    CallExpression(node) {
      if (isRequire(node.callee)) add(textOf(node.arguments[0]), node.start, true);
    },
    MemberExpression(node) {
      if (isProcess(node.object) && nameOf(node) === "env") {
        environmentLines.push(lineOf(node.start));
      }
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || !node.init || !isProcess(node.init)) return;
      for (const property of node.id.properties) {
        if (property.type === "Property" && nameOf(property) === "env") {
          environmentLines.push(lineOf(property.start));
        }
      }
    },
  }).visit(program);
  return { imports, environmentLines };
}

interface Syntax {
  type: string;
}

/** What a literal, or a template without a gap, says. */
function textOf(node: Syntax | undefined): string | undefined {
  const { value, quasis } = (node ?? {}) as {
    value?: unknown;
    quasis?: { value: { cooked: string | null } }[];
  };
  if (typeof value === "string") return value;
  return quasis?.length === 1 ? (quasis[0]?.value.cooked ?? undefined) : undefined;
}

/** `require`, `createRequire(…)` called at once, and `process.getBuiltinModule`. */
function isRequire(callee: Expression | Syntax): boolean {
  const node = callee as Expression;
  if (node.type === "Identifier") return node.name === "require";
  if (node.type === "MemberExpression") return nameOf(node) === "getBuiltinModule";
  return (
    node.type === "CallExpression" &&
    node.callee.type === "Identifier" &&
    node.callee.name === "createRequire"
  );
}

function isProcess(node: Expression | Syntax): boolean {
  const expression = node as Expression;
  if (expression.type === "Identifier") return expression.name === "process";
  return expression.type === "MemberExpression" && nameOf(expression) === "process";
}

/** The name after the dot, in the brackets or before the colon. */
function nameOf({
  computed,
  ...node
}: {
  computed: boolean;
  property?: Syntax;
  key?: Syntax;
}): string | undefined {
  const name = node.property ?? node.key;
  if (!computed && name && "name" in name) return String(name.name);
  return textOf(name);
}
