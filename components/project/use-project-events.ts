import { useEffect } from "react";
import { ProjectEvent } from "@/studio/contract/events.ts";
import { projectUrl } from "../lib/api.ts";
import { followEvents } from "../lib/event-source.ts";
import type { ProjectStore } from "./project-store.ts";

/** Keeps the store up to date with what happens in the project, for as long as the page is open. */
export function useProjectEvents(store: ProjectStore, projectId: string): void {
  useEffect(() => {
    const { apply, setConnection } = store.getState();
    return followEvents({
      url: projectUrl(projectId, "/events"),
      schema: ProjectEvent,
      onEvent: apply,
      onConnection: (connected) => setConnection(connected ? "open" : "lost"),
    });
  }, [store, projectId]);
}
