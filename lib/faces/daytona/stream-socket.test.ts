import fc from "fast-check";
import { expect, test } from "vitest";
import { closeReason } from "./stream-socket.ts";

test("a closing frame's reason is the message's beginning, in 123 bytes whatever the message is", () => {
  const asJson = (error: string) => JSON.stringify({ error });
  const unit = fc.constantFrom("a", '"', "\u0001", "é", "€", "\u{1f600}");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 300 }), (message) => {
      const plain = closeReason(message);
      expect(message.startsWith(plain)).toBe(true);
      const { error } = JSON.parse(closeReason(message, asJson)) as { error: string };
      expect(message.startsWith(error)).toBe(true);
      for (const reason of [plain, asJson(error)]) {
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      }
    }),
  );
  expect(closeReason("short")).toBe("short");
  expect(closeReason("é".repeat(200))).toBe("é".repeat(61));
});
