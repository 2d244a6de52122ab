import { listModels } from "../../../ai/models.ts";

/** Whether a project's model can find out what is wrong with an app. The demo cannot: it is a script. */
export async function canRepair(modelId: string | undefined): Promise<boolean> {
  const list = await listModels();
  const model = list.models.find(({ id }) => id === (modelId ?? list.default));
  // One that is gone is asked all the same: the turn says what is the matter with it.
  return model?.kind !== "demo";
}
