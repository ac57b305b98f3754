// A tree beside every select of categories: its options are paths, which the tree unfolds and a word finds.
const make = (tag, facts = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
};
const texts = () => document.getElementById("picker-text").content.querySelector("[data-open-tree]").dataset;

function nodes(select) {
  const root = { below: new Map() };
  for (const option of select.options) {
    let at = root;
    for (const name of option.text.split(" › ")) {
      if (!at.below.has(name)) at.below.set(name, { name, below: new Map() });
      at = at.below.get(name);
    }
    at.value = option.value;
  }
  return root;
}
function branch(node, chosen, done) {
  return make(
    "ul",
    { className: "plain picker" },
    ...[...node.below.values()].map((each) => {
      const pick = make("button", {
        type: "button",
        className: "picker-name",
        textContent: each.name,
        disabled: each.value === undefined,
      });
      pick.addEventListener("click", (event) => {
        event.preventDefault();
        done(each.value);
      });
      if (each.value === chosen) pick.setAttribute("aria-current", "true");
      if (!each.below.size) return make("li", {}, pick);
      const inner = branch(each, chosen, done);
      return make(
        "li",
        {},
        make("details", { open: Boolean(inner.querySelector("[aria-current]")) }, make("summary", {}, pick), inner),
      );
    }),
  );
}
function filter(dialog, word) {
  const wanted = word.trim().toLowerCase();
  for (const item of [...dialog.querySelectorAll("li")].reverse()) {
    const own = item.querySelector(".picker-name").textContent.toLowerCase().includes(wanted);
    item.hidden = Boolean(wanted) && !own && ![...item.querySelectorAll("li")].some((below) => !below.hidden);
    const details = item.querySelector("details");
    if (details && wanted) details.open = !item.hidden;
  }
}
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-tree-of]");
  if (!opener) return;
  const select = opener.previousElementSibling,
    said = texts();
  const dialog = make("dialog", { className: "ask" });
  const close = () => {
    dialog.close();
    dialog.remove();
    opener.focus();
  };
  const find = make("input", { type: "search", className: "form-control", placeholder: said.find });
  find.setAttribute("aria-label", said.find);
  find.addEventListener("input", () => filter(dialog, find.value));
  const quit = make("button", { type: "button", className: "btn", textContent: said.close });
  quit.addEventListener("click", close);
  dialog.addEventListener("cancel", close);
  dialog.setAttribute("aria-label", said.heading);
  const pick = (value) => {
    select.value = value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  dialog.append(
    make("h2", { textContent: said.heading }),
    find,
    make("div", { className: "picker-tree" }, branch(nodes(select), select.value, pick)),
    make("div", { className: "form-actions" }, quit),
  );
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("[aria-current]") || find).focus();
});
