import type { ModelProvider } from "../providers/model-provider.ts";
import { DEMO_MODEL_ID, demoModel } from "./demo-model.ts";

/** The demo, which is always there. */
export function demoProvider(): ModelProvider {
  return {
    key: "demo",
    name: "Demo",
    kind: "demo",
    model: () => demoModel(),
    offer: async () => ({
      models: [{ model: DEMO_MODEL_ID, name: "Demo (a script, no AI)" }],
      isComplete: true,
    }),
  };
}
