import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Endpoint, type FaceContext, json } from "./answers.ts";
import { presentSnapshot, presentTreeNode } from "./present-records.ts";
import { readQuery } from "./read-request.ts";
import { NoQuery, OfSandboxQuery, pagination, TreeQuery } from "./wire-lists.ts";

/** `/sandboxes/snapshots`. */
export function snapshotEndpoints({ engine }: FaceContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/sandboxes/snapshots",
      async answer({ url }) {
        const { name, ...query } = readQuery(url, OfSandboxQuery, "this list's query");
        const page = engine.snapshots.list(withoutUndefined({ ...query, sandboxName: name }));
        return json({ snapshots: page.items.map(presentSnapshot), pagination: pagination(page) });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/snapshots/tree",
      async answer({ url }) {
        const { snapshotId, ...query } = readQuery(url, TreeQuery, "this list's query");
        const tree = await engine.snapshots.tree({ ...query, anchorId: snapshotId });
        return json({
          snapshots: tree.nodes.map(presentTreeNode),
          anchor: presentTreeNode(tree.anchor),
          pagination: { count: tree.nodes.length, next: tree.next ?? null },
        });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/snapshots/:id",
      async answer({ url, parameter }) {
        readQuery(url, NoQuery, "this call's query");
        return json({ snapshot: presentSnapshot(await engine.snapshots.get(parameter("id"))) });
      },
    },
    {
      method: "DELETE",
      path: "/sandboxes/snapshots/:id",
      async answer({ url, parameter }) {
        readQuery(url, NoQuery, "this call's query");
        return json({ snapshot: presentSnapshot(await engine.snapshots.delete(parameter("id"))) });
      },
    },
  ];
}
