import { type BadRequest, list } from "./bad-request.ts";

/** Lists that are asked for wrongly. */
export const LISTS: readonly BadRequest[] = [
  list("a limit of nothing", "/v2/sandboxes?limit=0", "`limit`: expected number to be >=1"),
  list(
    "a limit that is too high",
    "/v2/sandboxes?limit=101",
    "`limit`: expected number to be <=100",
  ),
  list(
    "a limit that is no number",
    "/v2/sandboxes?limit=ten",
    '`limit`: expected a whole number; given was "ten"',
  ),
  list(
    "a parameter given twice",
    "/v2/sandboxes?tags=a:b&tags=c:d",
    "`tags`: this parameter may be given once; given were 2",
  ),
  list("a tag that is no pair", "/v2/sandboxes?tags=a", "expected one tag as key:value"),
  list(
    "a prefix without the order that it goes with",
    "/v2/sandboxes?namePrefix=a",
    "`namePrefix`: goes only with sortBy=name",
  ),
  list(
    "a status with another order",
    "/v2/sandboxes?status=running&sortBy=name",
    "`status`: goes only with sortBy=createdAt",
  ),
  list("a field that cannot be sorted by", "/v2/sandboxes?sortBy=memory", "`sortBy`"),
  list("an order that is none", "/v2/sandboxes?sortOrder=up", "`sortOrder`"),
  list("a cursor of another list", "/v2/sandboxes?cursor=zzz", "cursor"),
  list(
    "a tree without its snapshot",
    "/v2/sandboxes/snapshots/tree",
    "`snapshotId`: expected string; it is missing",
  ),
  list(
    "a tree's page that is too long",
    "/v2/sandboxes/snapshots/tree?snapshotId=snap_1&limit=11",
    "`limit`: expected number to be <=10",
  ),
  list(
    "a time that is no number",
    "/v1/sandboxes?since=yesterday",
    "`since`: expected a whole number",
  ),
];
