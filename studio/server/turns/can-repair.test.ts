import { expect, test, vi } from "vitest";
import { MODEL_VARIABLES } from "../../../ai/environment.ts";
import { canRepair } from "./can-repair.ts";

test("the demo cannot repair, nor can nobody's choice where there is only the demo; any other model is asked", async () => {
  for (const name of Object.keys(MODEL_VARIABLES)) vi.stubEnv(name, "");
  vi.stubEnv("SANDLOT_LOCAL_MODELS", "off");
  expect(await canRepair(undefined)).toBe(false);
  expect(await canRepair("demo/script")).toBe(false);
  expect(await canRepair("ollama/gone")).toBe(true);
  vi.unstubAllEnvs();
});
