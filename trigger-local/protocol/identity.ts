/** The one user, organisation, project and environment that there are. */
export const IDENTITY = {
  user: { id: "user_local", email: "local@localhost.localdomain" },
  organization: { id: "org_local", slug: "local", name: "Local" },
  project: { id: "project_local", ref: "proj_local", slug: "local", name: "Local project" },
  environment: { id: "env_local", slug: "dev", type: "DEVELOPMENT" },
} as const;
