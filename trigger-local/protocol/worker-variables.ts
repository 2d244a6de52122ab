/** What workers have in their environment besides the project's own: where their traces go. */
export function workerVariables(url: string): Record<string, string> {
  return {
    TRIGGER_OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otel`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otel`,
  };
}
