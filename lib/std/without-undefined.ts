/** The same shape, where what may be undefined may only be absent. */
export type WithoutUndefined<Shape> = {
  [Key in keyof Shape as undefined extends Shape[Key] ? never : Key]: Shape[Key];
} & {
  [Key in keyof Shape as undefined extends Shape[Key] ? Key : never]?: Exclude<
    Shape[Key],
    undefined
  >;
};

/** A copy without the keys whose value is undefined, so that a spread of it replaces nothing by nothing. */
export function withoutUndefined<Shape extends object>(shape: Shape): WithoutUndefined<Shape> {
  const entries = Object.entries(shape).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as WithoutUndefined<Shape>;
}
