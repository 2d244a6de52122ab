import { parseSync } from "oxc-parser";

/** One module that a file names, and how. */
export interface Import {
  specifier: string;
  dynamic: boolean;
  line: number;
}

/** Every module that the source names: static, type-only, re-exported or by `import()`. Throws for what does not parse. */
export function importsOf(file: string, source: string): Import[] {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const lineOf = (offset: number) => source.slice(0, offset).split("\n").length;
  const imports: Import[] = module.staticImports.map(({ moduleRequest, start }) => ({
    specifier: moduleRequest.value,
    dynamic: false,
    line: lineOf(start),
  }));
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest } of entries) {
      if (!moduleRequest) continue;
      imports.push({ specifier: moduleRequest.value, dynamic: false, line: lineOf(start) });
    }
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    const literal = /^(["'`])([^"'`$]+)\1$/.exec(text);
    // One that is put together at run time names nothing that could be checked.
    if (literal?.[2]) imports.push({ specifier: literal[2], dynamic: true, line: lineOf(start) });
  }
  return imports;
}
