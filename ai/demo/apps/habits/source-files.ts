import type { DemoFile } from "../demo-file.ts";

/** The habit tracker itself. */
export const sourceFiles: readonly DemoFile[] = [
  {
    path: "src/main.jsx",
    content: String.raw`import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.jsx";
import "./styles.css";

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`,
  },
  {
    path: "src/habits.js",
    content: String.raw`const KEY = "habits";
const DAY_MS = 24 * 60 * 60 * 1000;

/** A day as text, in the user's own time zone: 2026-03-01. */
export const dayOf = (date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");

/** The last days, the oldest first. Noon, so that a change of the clocks skips none. */
export const lastDays = (count, today = new Date()) => {
  const noon = new Date(today).setHours(12, 0, 0, 0);
  return Array.from({ length: count }, (_, index) => new Date(noon - (count - 1 - index) * DAY_MS));
};

const firstHabits = () => {
  const days = lastDays(7).map(dayOf);
  return [
    { id: "walk", name: "Walk outside", icon: "🌿", done: [days[1], days[3], days[4], days[5], days[6]] },
    { id: "read", name: "Read ten pages", icon: "📖", done: [days[0], days[2], days[4], days[5]] },
    { id: "water", name: "Drink enough water", icon: "💧", done: [days[2], days[3], days[6]] },
  ];
};

export const loadHabits = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? firstHabits();
  } catch {
    return firstHabits();
  }
};

export const saveHabits = (habits) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(habits));
  } catch {
    // Storage is off: the list lives as long as the page.
  }
};

export const toggleDay = (habit, day) => ({
  ...habit,
  done: habit.done.includes(day) ? habit.done.filter((one) => one !== day) : [...habit.done, day],
});
`,
  },
  {
    path: "src/App.jsx",
    content: String.raw`import { useEffect, useState } from "react";
import { AddHabit } from "./AddHabit.jsx";
import { HabitRow } from "./HabitRow.jsx";
import { Ring } from "./Ring.jsx";
import { dayOf, lastDays, loadHabits, saveHabits, toggleDay } from "./habits.js";

const greeting = (hour) => (hour < 11 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening");

export function App() {
  const [habits, setHabits] = useState(loadHabits);
  useEffect(() => saveHabits(habits), [habits]);

  const now = new Date();
  const days = lastDays(7, now);
  const today = dayOf(now);
  const doneToday = habits.filter((habit) => habit.done.includes(today)).length;

  const toggle = (id, day) =>
    setHabits(habits.map((habit) => (habit.id === id ? toggleDay(habit, day) : habit)));

  return (
    <main>
      <header>
        <div>
          <p className="date">
            {now.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" })}
          </p>
          <h1>{greeting(now.getHours())}.</h1>
          <p className="sum" role="status">
            {doneToday} of {habits.length} done today
          </p>
        </div>
        <Ring done={doneToday} all={habits.length} />
      </header>

      <section aria-label="Habits">
        {habits.map((habit) => (
          <HabitRow
            key={habit.id}
            habit={habit}
            days={days}
            onToggle={(day) => toggle(habit.id, day)}
            onRemove={() => setHabits(habits.filter((one) => one.id !== habit.id))}
          />
        ))}
        {habits.length === 0 && <p className="empty">No habits yet. Begin with a small one.</p>}
      </section>

      <AddHabit
        onAdd={(name) =>
          setHabits([...habits, { id: String(Date.now()), name, icon: "✨", done: [] }])
        }
      />
    </main>
  );
}
`,
  },
  {
    path: "src/HabitRow.jsx",
    content: String.raw`import { dayOf } from "./habits.js";

export function HabitRow({ habit, days, onToggle, onRemove }) {
  return (
    <article>
      <div className="name">
        <span className="icon" aria-hidden="true">{habit.icon}</span>
        <h2>{habit.name}</h2>
        <button className="remove" type="button" onClick={onRemove} aria-label={"Remove " + habit.name}>
          Remove
        </button>
      </div>
      <div className="week" role="group" aria-label={habit.name + ", the last seven days"}>
        {days.map((date) => {
          const day = dayOf(date);
          const done = habit.done.includes(day);
          return (
            <button
              key={day}
              type="button"
              className={done ? "day done" : "day"}
              aria-pressed={done}
              aria-label={habit.name + " on " + date.toLocaleDateString()}
              onClick={() => onToggle(day)}
            >
              <span>{date.toLocaleDateString(undefined, { weekday: "narrow" })}</span>
              <b>{date.getDate()}</b>
            </button>
          );
        })}
      </div>
    </article>
  );
}
`,
  },
  {
    path: "src/AddHabit.jsx",
    content: String.raw`import { useState } from "react";

export function AddHabit({ onAdd }) {
  const [name, setName] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        onAdd(name.trim());
        setName("");
      }}
    >
      <label htmlFor="new-habit">A new habit</label>
      <div>
        <input
          id="new-habit"
          value={name}
          maxLength={60}
          placeholder="Stretch for five minutes"
          onChange={(event) => setName(event.target.value)}
        />
        <button>Add</button>
      </div>
    </form>
  );
}
`,
  },
  {
    path: "src/Ring.jsx",
    content: String.raw`const RADIUS = 42;
const LENGTH = 2 * Math.PI * RADIUS;

export function Ring({ done, all }) {
  const share = all === 0 ? 0 : done / all;
  return (
    <svg className="ring" viewBox="0 0 100 100" role="img" aria-label={Math.round(share * 100) + " percent done today"}>
      <circle cx="50" cy="50" r={RADIUS} className="track" />
      <circle
        cx="50"
        cy="50"
        r={RADIUS}
        className="bar"
        strokeDasharray={LENGTH}
        strokeDashoffset={LENGTH * (1 - share)}
        transform="rotate(-90 50 50)"
      />
      <text x="50" y="50" dominantBaseline="central" textAnchor="middle">
        {Math.round(share * 100)}%
      </text>
    </svg>
  );
}
`,
  },
];
