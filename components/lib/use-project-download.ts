import { useMutation } from "@tanstack/react-query";
import { api } from "./api.ts";
import { saveFile } from "./save-file.ts";
import { notifyFailure } from "./toasts.ts";

/** Gives the user a project's files as a zip. It is asked for by the page, so that a refusal is told instead of saved. */
export function useProjectDownload({ id, name }: { id: string; name: string }): {
  download: () => void;
  packing: boolean;
} {
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.downloadProject(id),
    onSuccess: (zip) => saveFile(`${name.replace(/[\\/:*?"<>|]+/g, "-")}.zip`, zip),
    onError: (error) => notifyFailure(`${name} could not be downloaded`, error),
  });
  return { download: () => mutate(), packing: isPending };
}
