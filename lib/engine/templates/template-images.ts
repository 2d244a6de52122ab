import { SandboxError } from "../../contract/errors.ts";

/** Images whose programs the base has, too, in whatever version this machine has them. */
const STAND_INS: Readonly<Record<string, string>> = {
  debian: "Debian",
  ubuntu: "Ubuntu",
  "buildpack-deps": "Debian with its build tools",
  python: "Python",
  node: "Node.js",
  "e2bdev/base": "e2b's base",
  "e2bdev/code-interpreter": "e2b's code interpreter",
  "e2bdev/desktop": "e2b's desktop",
  "daytonaio/sandbox": "Daytona's base",
};

/**
 * What an image stands for that the base stands in for. Throws `unsupported` for any other: nothing is pulled, and
 * a base without the image's programs would fail later and say less.
 */
export function imageStandIn(image: string): string {
  const repository = image
    .replace(/@.*$/, "")
    .replace(/:[^:/]*$/, "")
    .replace(/^(?:docker\.io|registry-1\.docker\.io|index\.docker\.io)\//, "")
    .replace(/^library\//, "");
  const standIn = Object.hasOwn(STAND_INS, repository) ? STAND_INS[repository] : undefined;
  if (standIn !== undefined) return standIn;
  throw new SandboxError(
    "unsupported",
    `Images are not pulled here, and the built-in base does not stand in for ${image}. Start from one of ${Object.keys(STAND_INS).join(", ")}, or from a template, and install in a step what is missing.`,
  );
}
