import fc from "fast-check";
import { expect, test } from "vitest";
import { fillSecrets } from "./fill-secrets.ts";

const secret = { placeholder: "sandlot_secret_x", value: "va$&lue", hosts: ["*"] };
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

test("puts the value in place of the placeholder, wherever it stands in a header's value", () => {
  expect(
    fillSecrets(
      [
        ["X-Key", "sandlot_secret_x"],
        ["Cookie", "a=1; b=sandlot_secret_x; c=sandlot_secret_x"],
        ["X-Other", "sandlot_secret_y"],
      ],
      [secret],
    ),
  ).toEqual([
    ["X-Key", "va$&lue"],
    ["Cookie", "a=1; b=va$&lue; c=va$&lue"],
    ["X-Other", "sandlot_secret_y"],
  ]);
});

test("looks into the pair of a Basic authorization", () => {
  expect(fillSecrets([["authorization", basic("me:sandlot_secret_x")]], [secret])).toEqual([
    ["authorization", basic("me:va$&lue")],
  ]);
  const others = [
    ["Authorization", basic("me:word")],
    ["X-Data", basic("sandlot_secret_x")],
  ] as const;
  expect(fillSecrets(others, [secret])).toEqual(others);
});

test("keeps the host as it is", () => {
  const headers = [["Host", "sandlot_secret_x.example"]] as const;
  expect(fillSecrets(headers, [secret])).toEqual(headers);
});

test("leaves every header alone that holds no placeholder", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (headers) => {
      expect(fillSecrets(headers, [secret])).toEqual(headers);
    }),
  );
});

test("sends a value that is no Latin text as UTF-8", () => {
  const [[, value] = []] = fillSecrets([["x", "sandlot_secret_x"]], [{ ...secret, value: "ключ" }]);
  expect(Buffer.from(value ?? "", "latin1").toString("utf8")).toBe("ключ");
});
