import type * as z from "zod";
import { Command } from "../contract/command.ts";
import { Drive } from "../contract/drive.ts";
import { Sandbox, Session } from "../contract/sandbox.ts";
import { StoredSecret } from "../contract/secret.ts";
import { Snapshot } from "../contract/snapshot.ts";
import { Template, TemplateBuild, TemplateLayer } from "../contract/template.ts";

/** How one kind of record is kept: every store reads its tables from here. */
export interface TableDefinition<Row> {
  name: string;
  schema: z.ZodType<Row>;
  key: (row: Row) => string;
  /** Fields that a filter's `equals` may name: texts. */
  filters: readonly string[];
  /** Fields that may be sorted by: texts or numbers; an absent value sorts first. */
  sorts: readonly string[];
  /** The field that `namePrefix` looks at. */
  nameField?: string;
  /** The field that `tag` looks at. */
  tagsField?: string;
}

function define<Row>(definition: TableDefinition<Row>): TableDefinition<Row> {
  return definition;
}

export const TABLES = {
  sandboxes: define<Sandbox>({
    name: "sandboxes",
    schema: Sandbox,
    key: (row) => row.name,
    filters: ["status", "region", "id"],
    sorts: ["createdAt", "name", "statusUpdatedAt", "currentSnapshotId"],
    nameField: "name",
    tagsField: "tags",
  }),
  sessions: define<Session>({
    name: "sessions",
    schema: Session,
    key: (row) => row.id,
    filters: ["sandboxName", "status"],
    sorts: ["createdAt"],
  }),
  commands: define<Command>({
    name: "commands",
    schema: Command,
    key: (row) => row.id,
    filters: ["sessionId", "sandboxName"],
    sorts: ["startedAt"],
  }),
  snapshots: define<Snapshot>({
    name: "snapshots",
    schema: Snapshot,
    key: (row) => row.id,
    filters: ["sandboxName", "status", "parentId", "sourceSessionId"],
    sorts: ["createdAt"],
  }),
  drives: define<Drive>({
    name: "drives",
    schema: Drive,
    key: (row) => row.id,
    filters: ["name"],
    sorts: ["createdAt", "updatedAt", "name"],
    nameField: "name",
  }),
  secrets: define<StoredSecret>({
    name: "secrets",
    schema: StoredSecret,
    key: (row) => row.id,
    filters: ["name"],
    sorts: ["createdAt", "updatedAt", "name"],
    nameField: "name",
  }),
  templates: define<Template>({
    name: "templates",
    schema: Template,
    key: (row) => row.id,
    filters: [],
    sorts: ["createdAt", "updatedAt"],
  }),
  builds: define<TemplateBuild>({
    name: "builds",
    schema: TemplateBuild,
    key: (row) => row.id,
    filters: ["templateId", "status"],
    sorts: ["createdAt"],
  }),
  layers: define<TemplateLayer>({
    name: "layers",
    schema: TemplateLayer,
    key: (row) => row.id,
    filters: ["recipe"],
    sorts: ["createdAt"],
  }),
} as const;
