// Keeps what is shown up to date: the server renders, this only puts it in its place.

const live = document.querySelector("[data-live]");
if (live) {
  let busy = false;
  let again = false;
  const refresh = async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      const answer = await fetch(live.dataset.live);
      if (answer.ok) live.innerHTML = await answer.text();
    }
    busy = false;
    followStreams();
  };
  new EventSource(live.dataset.events).addEventListener("change", () => void refresh());
}

/** Streams that are followed, by their address. */
const followed = new Map();

function followStreams() {
  const list = document.querySelector("[data-streams]");
  if (!list) return;
  for (const place of document.querySelectorAll("[data-follow]")) {
    const address = place.dataset.follow;
    if (followed.has(address)) continue;
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = place.dataset.name;
    const output = document.createElement("pre");
    output.tabIndex = 0;
    section.append(heading, output);
    list.append(section);
    const source = new EventSource(address);
    followed.set(address, source);
    source.addEventListener("text", ({ data }) => {
      const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
      output.append(JSON.parse(data));
      if (atEnd) output.scrollTop = output.scrollHeight;
    });
  }
}

followStreams();
