// A prompt that was typed before its project's page was there, for this tab only.
const keyOf = (projectId: string) => `sandlot-first-prompt-${projectId}`;

/** Leaves what a new project's page sends as soon as it is open. */
export function leaveFirstPrompt(projectId: string, text: string): void {
  sessionStorage.setItem(keyOf(projectId), text);
}

/** Takes it: a second call finds nothing, so that a reload does not send it again. */
export function takeFirstPrompt(projectId: string): string | undefined {
  const kept = sessionStorage.getItem(keyOf(projectId));
  sessionStorage.removeItem(keyOf(projectId));
  return kept ?? undefined;
}
