import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown, Cloud, Cpu, Drama } from "lucide-react";
import type { ModelInfo, ModelKind } from "@/studio/contract/model.ts";
import { api } from "../lib/api.ts";
import { Menu, MenuChoice, MenuLabel, MenuOption, MenuSeparator } from "../ui/menu.tsx";
import { Button } from "../ui/button.tsx";

const KINDS: readonly { kind: ModelKind; title: string; icon: typeof Cloud }[] = [
  { kind: "cloud", title: "In the cloud", icon: Cloud },
  { kind: "local", title: "On this machine", icon: Cpu },
  { kind: "demo", title: "Built in", icon: Drama },
];

/** The models that can be asked; looked for again when the page gets the focus, for a local server may have started. */
function useModels() {
  return useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => api.listModels({ signal }),
    staleTime: 10_000,
    refetchOnWindowFocus: "always",
  });
}

/** The chosen model among those that there are; else the default. */
export function useChosenModel(modelId: string | undefined): ModelInfo | undefined {
  const { data } = useModels();
  return (
    data?.models.find(({ id }) => id === modelId) ??
    data?.models.find(({ id }) => id === data.default)
  );
}

export interface ModelPickerProps {
  modelId: string | undefined;
  onChange: (modelId: string) => void;
}

/** Chooses the model that answers. */
export function ModelPicker({ modelId, onChange }: ModelPickerProps) {
  const { data, isError } = useModels();
  const chosen = useChosenModel(modelId);
  const name = chosen?.name ?? (isError ? "No models" : "Models …");
  return (
    <Menu
      align="start"
      className="w-72"
      trigger={
        <Button
          variant="ghost"
          disabled={!data}
          aria-label={`Model: ${name}`}
          className="max-w-52 min-w-0 shrink"
        >
          {chosen && <KindIcon kind={chosen.kind} />}
          <span className="truncate">{name}</span>
          <ChevronsUpDown className="opacity-60" />
        </Button>
      }
    >
      <MenuChoice value={chosen?.id ?? ""} onValueChange={onChange}>
        {KINDS.map(({ kind, title }) => {
          const models = data?.models.filter((model) => model.kind === kind) ?? [];
          if (models.length === 0) return null;
          return (
            <div key={kind} role="group" aria-label={title}>
              <MenuLabel>{title}</MenuLabel>
              {models.map((model) => (
                <MenuOption key={model.id} value={model.id} className="relative">
                  <KindIcon kind={kind} />
                  <span className="min-w-0 flex-1 truncate">{model.name}</span>
                  <span className="text-xs text-muted-foreground">{model.provider}</span>
                </MenuOption>
              ))}
            </div>
          );
        })}
      </MenuChoice>
      {data?.note && (
        <>
          <MenuSeparator />
          <p className="max-w-72 px-2 py-1 text-xs text-muted-foreground">{data.note}</p>
        </>
      )}
    </Menu>
  );
}

function KindIcon({ kind }: { kind: ModelKind }) {
  const Icon = KINDS.find((entry) => entry.kind === kind)?.icon ?? Cloud;
  return <Icon aria-hidden />;
}
