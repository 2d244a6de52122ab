import type { ProjectEvent } from "../contract/events.ts";
import type { Studio } from "../server/studio.ts";

/** The next event of the project that fits; ask for it before what causes it. */
export function nextEvent<Type extends ProjectEvent["type"]>(
  studio: Studio,
  projectId: string,
  type: Type,
  fits: (event: Extract<ProjectEvent, { type: Type }>) => boolean = () => true,
): Promise<Extract<ProjectEvent, { type: Type }>> {
  const { promise, resolve } = Promise.withResolvers<Extract<ProjectEvent, { type: Type }>>();
  const subscription = studio.events.subscribe(projectId, (event) => {
    if (!isOfType(event, type) || !fits(event)) return;
    subscription[Symbol.dispose]();
    resolve(event);
  });
  return promise;
}

function isOfType<Type extends ProjectEvent["type"]>(
  event: ProjectEvent,
  type: Type,
): event is Extract<ProjectEvent, { type: Type }> {
  return event.type === type;
}
