/**
 * Families that build apps well with tools, the best first, without versions: lists of providers begin with
 * what is new, and what is new today is not known here.
 */
const PREFERRED = [
  /claude.*sonnet/i,
  /claude.*opus/i,
  /claude/i,
  /gpt-\d.*codex/i,
  /gpt-[5-9]/i,
  /gemini.*pro/i,
  /qwen.*coder/i,
  /kimi|glm|deepseek/i,
];

/** The same models with the preferred first; otherwise the provider's own order is kept. */
export function preferModels<Model extends { model: string }>(models: readonly Model[]): Model[] {
  const rank = ({ model }: Model): number => {
    const index = PREFERRED.findIndex((pattern) => pattern.test(model));
    return index === -1 ? PREFERRED.length : index;
  };
  return [...models].sort((a, b) => rank(a) - rank(b));
}
