import type { DemoEdit } from "../demo-file.ts";

/** The further change: how many days in a row each habit was kept. */
export const streakEdits: readonly DemoEdit[] = [
  {
    path: "src/habits.js",
    search: `export const toggleDay = (habit, day) => ({`,
    replace: `/** Days in a row up to today; a day that is not over yet breaks nothing. */
export const streakOf = (habit, today = new Date()) => {
  const done = new Set(habit.done);
  const date = new Date(today);
  if (!done.has(dayOf(date))) date.setDate(date.getDate() - 1);
  let streak = 0;
  while (done.has(dayOf(date))) {
    streak += 1;
    date.setDate(date.getDate() - 1);
  }
  return streak;
};

export const toggleDay = (habit, day) => ({`,
  },
  {
    path: "src/HabitRow.jsx",
    search: `import { dayOf } from "./habits.js";

export function HabitRow({ habit, days, onToggle, onRemove }) {
  return (`,
    replace: `import { dayOf, streakOf } from "./habits.js";

export function HabitRow({ habit, days, onToggle, onRemove }) {
  const streak = streakOf(habit);
  return (`,
  },
  {
    path: "src/HabitRow.jsx",
    search: `        <h2>{habit.name}</h2>`,
    replace: `        <h2>{habit.name}</h2>
        {streak > 0 && (
          <span className="streak">{streak === 1 ? "1 day" : streak + " days in a row"}</span>
        )}`,
  },
  {
    path: "src/styles.css",
    search: `.icon { font-size: 1.4rem; }`,
    replace: `.icon { font-size: 1.4rem; }
.streak { font-size: .85rem; font-weight: 650; white-space: nowrap; padding: .15rem .65rem; border-radius: 999px; color: var(--accent); background: color-mix(in srgb, var(--accent) 14%, transparent); }`,
  },
];
