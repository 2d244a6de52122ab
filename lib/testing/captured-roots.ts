import type { Isolation, Root } from "../engine/ports.ts";

/** The roots that an isolation makes from now on, in order, for a test to meddle with. */
export function capturedRoots(isolation: Isolation): Root[] {
  const roots: Root[] = [];
  const { prepare } = isolation;
  isolation.prepare = async (...request) => {
    const root = await prepare.apply(isolation, request);
    roots.push(root);
    return root;
  };
  return roots;
}
