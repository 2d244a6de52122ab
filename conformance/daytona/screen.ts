/** What a terminal showed, and a promise of something in it. */
export function screen() {
  let text = "";
  let changed = Promise.withResolvers<void>();
  return {
    onData: (data: Uint8Array) => {
      text += Buffer.from(data).toString("utf8");
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
    async shows(pattern: RegExp) {
      while (!pattern.test(text)) await changed.promise;
      return text;
    },
  };
}
