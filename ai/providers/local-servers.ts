import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { ModelProvider, Offer } from "./model-provider.ts";
import { llamaCppOffer } from "./llama-cpp.ts";
import { lmStudioOffer } from "./lm-studio.ts";
import { ollamaOffer } from "./ollama.ts";

/** Where each kind of server listens, if nobody changed it. */
export interface LocalPorts {
  ollama: number;
  lmStudio: number;
  llamaCpp: number;
}

const USUAL_PORTS: LocalPorts = { ollama: 11434, lmStudio: 1234, llamaCpp: 8080 };

/**
 * The model servers that may run on this machine. Only its own address is asked, and never one that
 * somebody else gave. One that does not answer offers nothing and is no problem.
 */
export function localProviders(ports: LocalPorts = USUAL_PORTS): ModelProvider[] {
  return [
    local({ key: "ollama", name: "Ollama", port: ports.ollama, ask: ollamaOffer }),
    local({ key: "lmstudio", name: "LM Studio", port: ports.lmStudio, ask: lmStudioOffer }),
    local({ key: "llamacpp", name: "llama.cpp", port: ports.llamaCpp, ask: llamaCppOffer }),
  ];
}

interface LocalServer {
  key: string;
  name: string;
  port: number;
  ask: (baseUrl: string) => Promise<Omit<Offer, "isComplete">>;
}

function local({ key, name, port, ask }: LocalServer): ModelProvider {
  // By number: `localhost` may be asked for its IPv6 address first, where these do not listen.
  const baseUrl = `http://127.0.0.1:${port}`;
  const server = createOpenAICompatible({
    name: key,
    baseURL: `${baseUrl}/v1`,
    includeUsage: true,
  });
  return {
    key,
    name,
    kind: "local",
    model: (model) => server(model),
    async offer(): Promise<Offer> {
      try {
        return { ...(await ask(baseUrl)), isComplete: true };
      } catch {
        return { models: [], isComplete: true }; // Nothing there, or something else.
      }
    },
  };
}
