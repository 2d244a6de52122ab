import { expect, test } from "vitest";
import { parseArguments } from "./parse-arguments.ts";

const tables = {
  command: "logs",
  options: {
    follow: { type: "boolean", short: "f", about: "Go on" },
    shell: { type: "string", about: "Which", value: "name" },
  },
  positionals: [
    { name: "sandbox", about: "the sandbox's name" },
    { name: "command", about: "the command's id", optional: true },
  ],
} as const;

const parse = (...args: string[]) =>
  parseArguments(args, { ...tables, positionals: [...tables.positionals] });

test("takes options before, between and after the arguments", () => {
  expect(parse("-f", "box", "--shell=fish", "cmd_1")).toEqual({
    options: { follow: true, shell: "fish" },
    positionals: ["box", "cmd_1"],
  });
});

test("takes what follows -- as it is", () => {
  expect(parse("--", "-box").positionals).toEqual(["-box"]);
});

test.each([
  [["box", "--folow"], "There is no option --folow. Did you mean --follow?"],
  [["box", "--nothing-like-it"], "There is no option --nothing-like-it."],
  [[], "sandbox is missing: the sandbox's name."],
  [["box", "cmd", "more"], '"more" is one argument too many.'],
  [["box", ""], "Argument 2 is empty."],
])("refuses %j with a message that helps", (args, message) => {
  expect(() => parse(...args)).toThrow(
    expect.objectContaining({
      code: "invalid_request",
      message: `${message}\nSee: sandlot logs --help`,
    }),
  );
});
