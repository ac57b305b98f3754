// What pages do beyond links and forms. Everything works on delegation, so that parts which HTMX brings need no setting up.
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const panel = one("#panel");

// --- lists: links marked data-list bring only the list, and the address goes along ---
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-list]");
  if (!link || !one("#list") || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  bring(link.href);
});
// Filters that are on are the buttons of a form, so that the address stands on the page once.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-list]");
  if (!form || !event.submitter || !one("#list")) return;
  event.preventDefault();
  const drop = event.submitter.value;
  const kept = [...new FormData(form)].filter(([name, value]) => name !== drop && `${name}=${value}` !== drop);
  const query = new URLSearchParams(kept).toString();
  bring(query ? `${form.action}?${query}` : form.action);
});
// What stands outside the list and says or links to its state comes along with it.
const carried = () =>
  all("[data-carries]")
    .map((part) => `#${part.id}`)
    .join(",");
function bring(address) {
  htmx.ajax("GET", address, { target: "#list", select: "#list", selectOOB: carried(), swap: "outerHTML" }).then(() => {
    history.pushState({}, "", address);
    const find = one("#find");
    if (find) find.value = new URL(address, location).searchParams.get("s") || "";
    one("#list")?.dispatchEvent(new CustomEvent("listed", { bubbles: true }));
  });
}
addEventListener("popstate", () => location.reload());

// What was typed into a list's search before the scripts were there is searched for, once HTMX listens.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of all(".find[hx-get]")) form.setAttribute("hx-select-oob", carried());
  const typed = all(".find input[type=search]").filter((field) => field.value !== field.defaultValue);
  for (const field of typed) field.form.requestSubmit();
});

// --- the side panel: a page's content beside the list ---
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-panel]");
  if (!link || !panel || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(link.href);
  const list = one("[data-next]");
  if (link.dataset.panel === "back" && list) address.searchParams.set("next", list.dataset.next);
  htmx.ajax("GET", address.href, { target: "#panel-content", select: "#content", swap: "innerHTML" }).then(() => {
    panel.dataset.opener = link.id || "";
    if (!panel.open) panel.showModal();
    all("h1", panel)
      .find((heading) => heading.offsetParent)
      ?.focus();
  });
});
panel?.addEventListener("close", () => {
  one("#panel-content").replaceChildren();
  delete panel.dataset.dirty;
});
panel?.addEventListener("cancel", (event) => {
  if (isDirty(panel) && !confirm(leaveText())) event.preventDefault();
});

// --- dialogs, menus ---
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    const dialog = document.getElementById(opener.dataset.open);
    for (const [name, value] of Object.entries(JSON.parse(opener.dataset.fill || "{}"))) {
      all(`[name="${name}"]`, dialog).forEach((field) => {
        field.value = value;
      });
      all(`[data-text="${name}"]`, dialog).forEach((place) => {
        place.textContent = value;
      });
    }
    if (opener.dataset.action) one("form", dialog).action = opener.dataset.action;
    dialog.showModal();
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    const dialog = closer.closest("dialog");
    if (dialog !== panel || !isDirty(panel) || confirm(leaveText())) dialog.close();
  }
  if (event.target.matches("[data-keys]")) one("#keys").showModal();
  all("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target) && !event.target.closest("#ask")) menu.open = false;
  });
  if (event.target.tagName === "DIALOG" && event.target !== panel) event.target.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    one("summary", menu).focus();
  }
  if (one("#found")?.childElementCount) one("#found").replaceChildren();
});

// A menu opens beside its button, above whatever scrolls around it.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.menu") || !menu.open) return;
    const list = one(".menu-list", menu),
      at = menu.getBoundingClientRect();
    list.style.position = "fixed";
    list.style.right = list.style.left = "auto";
    const width = list.offsetWidth,
      height = list.offsetHeight;
    const left = menu.closest(".menu-left") ? at.left : at.right - width;
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    const above = at.bottom + 4 + height > innerHeight && at.top > height;
    const top = above ? at.top - height - 4 : Math.min(at.bottom + 4, Math.max(8, innerHeight - height - 8));
    list.style.top = `${top}px`;
  },
  true,
);
addEventListener(
  "scroll",
  (event) => {
    if (!event.target.closest?.(".menu-list"))
      all("details.menu[open]").forEach((menu) => {
        menu.open = false;
      });
  },
  { capture: true, passive: true },
);

// --- theme and rail ---
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    Object.assign(document.documentElement.dataset, { theme: next, bsTheme: next });
    document.dispatchEvent(new CustomEvent("themed"));
    fetch("/account/theme", { method: "POST", body: new URLSearchParams({ theme: next }) });
  }
  if (event.target.closest("[data-fold]")) {
    const folded = document.documentElement.classList.toggle("rail-folded");
    event.target.closest("[data-fold]").setAttribute("aria-expanded", String(!folded));
    try {
      localStorage.setItem("rail", folded ? "folded" : "open");
    } catch {
      /* remembered for this page only */
    }
  }
});

// --- keys ---
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
  const act = {
    "/": () => one("#search")?.focus(),
    c: () => one(".rail-button")?.click(),
    "?": () => one("#keys")?.showModal(),
    e: () => one("[data-edit]")?.click(),
    j: () => walk(1),
    k: () => walk(-1),
    Enter: () => event.target === document.body && one(".is-current a")?.click(),
  }[event.key];
  if (act) {
    if (event.key !== "Enter") event.preventDefault();
    act();
  }
});
// Arrow keys lead from the search field through what it found, and back.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = all("#found a");
  if (!step || !links.length || !event.target.closest(".search")) return;
  event.preventDefault();
  const at = links.indexOf(event.target) + step;
  (at < 0 ? one("#search") : links[Math.min(at, links.length - 1)]).focus();
});
function walk(step) {
  const rows = all("#list tbody tr, #list .rows > li");
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  for (const row of rows) row.classList.toggle("is-current", row === next);
  next.scrollIntoView({ block: "nearest" });
  one("a", next)?.focus({ preventScroll: true });
}

// --- forms: unsaved changes, counted limits, one sending at a time ---
const leaveText = () => one("#leave-text")?.content.textContent || "";
const isDirty = (root) => all("form[data-guard]", root).some((form) => form.dataset.dirty);
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) form.dataset.dirty = "1";
  count(event.target);
});
function count(field) {
  if (field.dataset?.count === undefined) return;
  const limit = field.maxLength,
    left = limit - field.value.length;
  let shown = field.parentElement.querySelector(".counted");
  if (left > limit / 5 && left > 10) {
    shown?.remove();
    return;
  }
  if (!shown) {
    shown = Object.assign(document.createElement("span"), { className: "counted" });
    shown.setAttribute("aria-live", "polite");
    field.before(shown);
  }
  shown.textContent = `${field.value.length}/${limit}`;
  shown.classList.toggle("is-near", left < 5);
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  delete form.dataset.dirty;
  if (form.dataset.sent && !form.hasAttribute("hx-post")) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => {
    delete form.dataset.sent;
  }, 3000);
});
addEventListener("beforeunload", (event) => {
  if (isDirty(document)) event.preventDefault();
});
addEventListener("pageshow", () => {
  document.body.classList.remove("loading");
  all("form").forEach((form) => {
    delete form.dataset.sent;
  });
});
one("dialog[data-again]")?.showModal(); // a form in a dialog that was refused
one("#faults")?.focus();

// --- selection in lists ---
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]"))
    all("[data-pick]").forEach((box) => {
      box.checked = event.target.checked;
    });
  if (event.target.matches("[data-pick], [data-pick-all], [data-all]")) tell();
  if (event.target.matches("[data-go]")) event.target.form.requestSubmit();
});
function tell() {
  const bar = one("#selection");
  if (!bar) return;
  const picked = all("[data-pick]:checked").length;
  const offer = one("[data-everything]", bar),
    every = one("[data-all]", bar);
  bar.hidden = picked === 0;
  if (offer) {
    offer.hidden = picked < all("[data-pick]").length;
    if (offer.hidden) every.checked = false;
  }
  all("[data-picked]", bar).forEach((place) => {
    place.textContent = every?.checked
      ? Number(every.dataset.all).toLocaleString(document.documentElement.lang)
      : picked;
  });
}
document.addEventListener("listed", tell);
tell(); // a list that is shown again keeps what was ticked

// --- HTMX: what happens while it loads and when it fails ---
document.addEventListener("htmx:beforeRequest", () => document.body.classList.add("loading"));
document.addEventListener("htmx:afterRequest", () => document.body.classList.remove("loading"));
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    if (event.target.id === "counts" || event.target.id === "search") return;
    const text = one("#trouble-text");
    if (text && !one("#said .faults")) one("#said").replaceChildren(text.content.cloneNode(true));
  });
}

// --- the column chooser: ticks become one value of the address ---
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-columns]");
  if (form)
    one('[name="cols"]', form).value = all("input:checked", form)
      .map((box) => box.value)
      .join(",");
});

// --- fields that name a person: suggestions while typing ---
let asking = 0;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-person]") || field.value.length < 2) return;
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const answer = await fetch(`/people/options?s=${encodeURIComponent(field.value)}`);
    if (answer.ok) field.list.innerHTML = await answer.text();
  }, 150);
});

function addLine(field) {
  const lines = document.getElementById(field.dataset.addLine);
  const known = lines.value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (field.value.includes("@") && !known.includes(field.value.trim()))
    lines.value = [...known, field.value.trim()].join("\n");
  field.value = "";
  lines.dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-line-of]");
  if (button) addLine(document.getElementById(button.dataset.addLineOf));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-add-line]") || !event.target.value) return;
  event.preventDefault();
  addLine(event.target);
});

// --- rows that are added and dropped, a switch that says what it does, known values ---
document.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-add-row]");
  if (adder) {
    const place = adder.closest("fieldset, form");
    const rows = one("[data-rows]", place);
    rows.append(one("template[data-new-row]", place).content.cloneNode(true));
    rows.lastElementChild.querySelector("select, input")?.focus();
  }
  const dropper = event.target.closest("[data-drop-row]");
  if (dropper) dropper.closest("[data-row]").remove();
});
for (const name of ["change", "click"]) {
  document.addEventListener(name, (event) => {
    const place = event.composedPath().find((node) => node.tagName === "FIELDSET"); // also of a row that is gone by now
    const held = place && all('select[name="role_id"]', place).map((select) => select.value);
    if (held)
      all("[data-allows]", place).forEach((one) => {
        one.hidden = !held.includes(one.dataset.allows);
      });
  });
}
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-says]")) return;
  const place = event.target.closest(".field");
  one("[data-when-on]", place).hidden = !event.target.checked;
  one("[data-when-off]", place).hidden = event.target.checked;
});
document.addEventListener("focusin", async (event) => {
  const field = event.target;
  if (!field.matches("[data-values]") || field.list?.childElementCount) return;
  const answer = await fetch(`/admin/access/users/values?field=${field.dataset.values}`);
  if (answer.ok && field.list) field.list.innerHTML = await answer.text();
});
document.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-known]") || !event.target.value.includes("@")) return;
  const answer = await fetch(`/admin/access/users/known?s=${encodeURIComponent(event.target.value)}`);
  if (answer.ok) one("#known").innerHTML = await answer.text();
});

// --- a file dropped onto its form ---
for (const [name, over] of [
  ["dragover", true],
  ["dragleave", false],
  ["drop", false],
]) {
  document.addEventListener(name, (event) => {
    const place = event.target.closest?.("[data-drop]");
    if (!place) return;
    event.preventDefault();
    place.classList.toggle("is-over", over);
    if (name === "drop" && event.dataTransfer.files.length)
      one("input[type=file]", place).files = event.dataTransfer.files;
  });
}

// --- what scrolls sideways can be scrolled by keys ---
function reachable() {
  all(".table-wrap, .track, .tabs, .board, .console-nav").forEach((place) => {
    if (place.scrollWidth > place.clientWidth + 1) place.tabIndex = 0;
    else if (!place.matches(".board")) place.removeAttribute("tabindex");
  });
}
reachable();
all(".track [aria-current], .tabs [aria-current], .console-nav [aria-current]").forEach((here) => {
  const place = here.closest(".track, .tabs, .console-nav");
  place.scrollLeft +=
    here.getBoundingClientRect().left - place.getBoundingClientRect().left - (place.clientWidth - here.offsetWidth) / 2;
});
addEventListener("resize", reachable);
document.addEventListener("htmx:afterSettle", reachable);
document.addEventListener("toggle", reachable, true);

// --- copying ---
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.classList.add("is-on");
  const said = one("[data-copied]", button.parentElement);
  if (said) said.hidden = false;
});
