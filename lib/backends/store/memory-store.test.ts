import { storeSuite } from "../../testing/store-suite.ts";
import { memoryStore } from "./memory-store.ts";

storeSuite("the memory store", async () => {
  const store = memoryStore();
  return { store, [Symbol.asyncDispose]: async () => store.close() };
});
