import type { DemoFile } from "../demo-file.ts";
import { pageHead } from "../page-head.ts";

/** The bakery's page. */
export const pageFile: DemoFile = {
  path: "public/index.html",
  content: String.raw`<!doctype html>
<html lang="en">
  <head>
    ${pageHead({ title: "Crumb &amp; Ember, a neighbourhood bakery", emoji: "🥐" })}
    <meta name="description" content="Slow bread and warm pastries, baked every morning on Alder Lane." />
    <link rel="stylesheet" href="styles.css" />
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
      <a class="brand" href="#main">Crumb <span>&amp;</span> Ember</a>
      <nav aria-label="Page">
        <a href="#menu">Menu</a>
        <a href="#hours">Hours</a>
        <a href="#visit">Visit</a>
      </nav>
    </header>

    <main id="main">
      <section class="hero">
        <div>
          <p class="eyebrow">Out of the oven at 6:30</p>
          <h1>Good bread takes<br />its time.</h1>
          <p class="lead">
            Thirty hours of rest, a hot stone and nothing that you cannot pronounce. We bake for
            the neighbourhood, and we bake until it is gone.
          </p>
          <p class="actions">
            <a class="button" href="#menu">See today's menu</a>
            <a class="quiet" href="#visit">How to find us</a>
          </p>
        </div>
        <figure class="today">
          <svg viewBox="0 0 320 240" role="img" aria-label="A round loaf of bread with a leaf cut into its crust">
            <defs>
              <radialGradient id="crust" cx="42%" cy="32%" r="75%">
                <stop offset="0" stop-color="#f0c27b" />
                <stop offset=".55" stop-color="#c9803a" />
                <stop offset="1" stop-color="#7a4119" />
              </radialGradient>
            </defs>
            <ellipse cx="160" cy="204" rx="128" ry="16" fill="#000" opacity=".16" />
            <path d="M32 152c0-62 56-104 128-104s128 42 128 104c0 34-44 50-128 50S32 186 32 152z" fill="url(#crust)" />
            <g fill="none" stroke="#fbe6c3" stroke-width="7" stroke-linecap="round" opacity=".9">
              <path d="M160 70v112" />
              <path d="M160 96c22-4 38-14 50-30M160 124c28-4 50-16 66-36M160 152c26-2 50-12 66-28" />
              <path d="M160 96c-22-4-38-14-50-30M160 124c-28-4-50-16-66-36M160 152c-26-2-50-12-66-28" />
            </g>
          </svg>
          <figcaption>
            <strong>Today's loaf</strong>
            Toasted rye with honey and walnuts
          </figcaption>
        </figure>
      </section>

      <section id="menu" aria-labelledby="menu-title">
        <h2 id="menu-title">On the shelf</h2>
        <div class="cards">
          <article>
            <h3>Bread</h3>
            <dl>
              <div><dt>Alder sourdough</dt><dd>6.20</dd></div>
              <div><dt>Toasted rye, honey, walnut</dt><dd>6.80</dd></div>
              <div><dt>Olive and rosemary round</dt><dd>5.90</dd></div>
              <div><dt>Seeded tin loaf</dt><dd>5.40</dd></div>
            </dl>
          </article>
          <article>
            <h3>Pastry</h3>
            <dl>
              <div><dt>Butter croissant</dt><dd>2.80</dd></div>
              <div><dt>Cardamom knot</dt><dd>3.20</dd></div>
              <div><dt>Plum and almond tart</dt><dd>4.50</dd></div>
              <div><dt>Dark chocolate roll</dt><dd>3.40</dd></div>
            </dl>
          </article>
          <article>
            <h3>To drink</h3>
            <dl>
              <div><dt>Filter coffee</dt><dd>2.60</dd></div>
              <div><dt>Flat white</dt><dd>3.50</dd></div>
              <div><dt>Hot chocolate</dt><dd>3.80</dd></div>
              <div><dt>Pressed apple</dt><dd>2.90</dd></div>
            </dl>
          </article>
        </div>
      </section>

      <section class="split">
        <div id="hours">
          <h2>When the door is open</h2>
          <table>
            <tbody>
              <tr><th scope="row">Tuesday to Friday</th><td>6:30 – 18:00</td></tr>
              <tr><th scope="row">Saturday</th><td>7:00 – 14:00</td></tr>
              <tr><th scope="row">Sunday</th><td>8:00 – 12:00</td></tr>
              <tr><th scope="row">Monday</th><td>The oven rests</td></tr>
            </tbody>
          </table>
        </div>
        <div id="visit">
          <h2>Come by</h2>
          <p>
            14 Alder Lane, on the corner with the chestnut tree. Tram 3 stops at the door, and there
            is room for six bicycles and one very patient dog.
          </p>
          <p>
            Orders for tomorrow until noon:<br />
            <a href="mailto:hello@crumb.example">hello@crumb.example</a>
          </p>
        </div>
      </section>
    </main>

    <footer>
      <p>Baked with flour, water, salt and patience. See you in the morning.</p>
    </footer>
  </body>
</html>
`,
};
