// Keeps an idea as a draft while it is typed, and shows duplicates and scores beside it.
const form = document.getElementById("idea-form");
const base = form.dataset.idea;
let keeping = 0,
  looking = 0,
  saving = Promise.resolve();

async function send(path) {
  const answer = await fetch(`${base}/${path}`, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "HX-Request": "true" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}
async function keep() {
  try {
    document.getElementById("kept").innerHTML = await send("draft");
    const id = document.querySelector("#kept [data-draft]").dataset.draft;
    form.elements.draft_id.value = id;
    history.replaceState(history.state, "", `${base}?draft=${id}`);
    delete form.dataset.unkept;
  } catch {
    const text = document.getElementById("trouble-text");
    document.getElementById("kept").replaceChildren(text.content.cloneNode(true));
  }
}
async function look() {
  try {
    document.getElementById("look").innerHTML = await send("look");
  } catch {
    /* the draft says what is wrong */
  }
}
form.addEventListener("input", () => {
  form.dataset.unkept = "1";
  clearTimeout(keeping);
  clearTimeout(looking);
  keeping = setTimeout(() => {
    saving = saving.then(keep);
  }, 1200);
  looking = setTimeout(look, 500);
});
form.addEventListener("change", async (event) => {
  if (!event.target.name.endsWith("_CATEGORY") || !event.target.value) return;
  // Another category may ask other questions: keep what is there, and show them.
  clearTimeout(keeping);
  saving = saving.then(keep);
  await saving;
  const page = new DOMParser().parseFromString(
    await (await fetch(`${base}?draft=${form.elements.draft_id.value}`)).text(),
    "text/html",
  );
  const names = (root) => [...root.querySelectorAll("#idea-form [name]")].map((field) => field.name).join();
  if (names(page) !== names(document)) {
    form.submitted = true;
    location.replace(`${base}?draft=${form.elements.draft_id.value}`);
  }
});
form.addEventListener("submit", () => {
  form.submitted = true;
  clearTimeout(keeping);
});
addEventListener("beforeunload", (event) => {
  if (form.dataset.unkept && !form.submitted) event.preventDefault();
});
if ([...new FormData(form).values()].some((value) => value)) look();
