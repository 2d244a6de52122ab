/**
 * What programs, the CLI and the tasks find in the environment about Trigger.dev, by name. The names are the
 * platform's; `npm run trigger:local` prints those that it is reached by.
 */
export const TRIGGER_VARIABLES = {
  TRIGGER_SECRET_KEY:
    "Key of an environment of your Trigger.dev project, for programs that run operations as tasks or whose sandboxes are runs.",
  TRIGGER_API_URL:
    "Address of a Trigger.dev server of your own, or of the local one. Absent: Trigger.dev's cloud.",
  TRIGGER_PROJECT_REF:
    "The project to which the tasks are deployed, as its page shows it. The local platform needs none.",
  TRIGGER_ACCESS_TOKEN:
    "Personal access token for `trigger dev` and `trigger deploy` where nobody can log in by a browser.",
} as const;
