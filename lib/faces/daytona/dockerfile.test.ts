import { expect, test } from "vitest";
import { readDockerfile } from "./dockerfile.ts";

test("reads steps in their order, with variables filled in", () => {
  const recipe = readDockerfile(`
# a comment
ARG TAG=3.12
FROM python:$TAG AS base
LABEL who="me"
ENV NAME="two \\"words\\"" PLAIN=one\\ blank
ENV SINGLE='$NAME' DOUBLE="\${NAME}!\\$NAME" NONE=a$NONE OR=\${NONE:-else} PATH=/opt:$PATH
ENV OLD the rest of it
RUN apt-get update && \\
    # in between

    echo "$HOME" \\$NAME
WORKDIR /srv/\${PLAIN}
USER root
RUN ["echo", "it's", "a b"]
EXPOSE 80
ENTRYPOINT ["node", "app.js"]
CMD ["--port", "80"]
`);
  expect(recipe).toEqual({
    image: "python:3.12",
    steps: [
      { type: "env", variables: { NAME: 'two "words"', PLAIN: "one blank" } },
      {
        type: "env",
        variables: {
          SINGLE: "$NAME",
          DOUBLE: 'two "words"!$NAME',
          NONE: "a",
          OR: "else",
          PATH: "/opt:$PATH",
        },
      },
      { type: "env", variables: { OLD: "the rest of it" } },
      {
        type: "run",
        command: `export TAG='3.12'\napt-get update &&     echo "$HOME" \\$NAME`,
      },
      { type: "workdir", path: "/srv/one blank" },
      { type: "user", user: "root" },
      { type: "run", command: "export TAG='3.12'\n'echo' 'it'\\''s' 'a b'" },
    ],
    startCommand: "'node' 'app.js' '--port' '80'",
  });
});

test("an image alone is a Dockerfile", () => {
  expect(readDockerfile("FROM debian:12\n")).toEqual({ image: "debian:12", steps: [] });
});

test.each([
  ["", "has no FROM"],
  ["RUN true", "Line 1 of the Dockerfile: RUN stands before FROM"],
  ["FROM", "Line 1 of the Dockerfile: FROM names no image"],
  ["FROM a\n\nCOPY b c", "Line 3 of the Dockerfile: COPY needs files"],
  ["FROM a\nADD b c", "ADD needs files"],
  ["FROM a\nFROM b", "one stage"],
  ["FROM a\nRUN --mount=type=cache,target=/x true", "options of RUN"],
  ["FROM a\nENV ALONE", "ENV needs a value"],
  ["FROM a\nVOLUME /x", "VOLUME is not known"],
])("refuses %j by name", (text, problem) => {
  expect(() => readDockerfile(text)).toThrow(problem);
});
