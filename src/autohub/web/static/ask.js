// What is not lightly undone asks first, in the hub's own dialog: what happens, to whom, and a button that says it.
const dialog = document.querySelector("#ask");
const bar = (button) => button?.closest("#selection");
let go = null; // what a yes does
let sure = null; // the button whose question was answered with yes

// {count} and the names of fields stand in texts for how many are picked and for what is chosen beside the button.
function fill(text, button) {
  const place = button?.closest(".menu, form");
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "count") return document.querySelector("#selection [data-picked]").textContent;
    const field = place?.querySelector(`[name="${name}"]`);
    return field?.selectedOptions?.[0]?.text.trim() ?? field?.value ?? whole;
  });
}

function whom(button) {
  if (!bar(button)) return "";
  const every = bar(button).querySelector("[data-all]:checked");
  if (every) return every.closest("label").textContent.trim();
  const names = [...document.querySelectorAll("[data-pick]:checked")].map((box) => box.dataset.pick);
  return names.slice(0, 5).join(", ") + (names.length > 5 ? `, … (${names.length})` : "");
}

function ask(text, button, yes) {
  const several = bar(button)?.querySelector("[data-picked]").textContent !== "1";
  const label = (!several && button.dataset.yesOne) || button?.dataset.yes || button?.textContent.trim();
  dialog.querySelector("[data-ask-text]").textContent = fill(text, button);
  dialog.querySelector("[data-ask-whom]").textContent = whom(button);
  dialog.querySelector("[data-ask-yes]").textContent = fill(label, button);
  go = yes;
  dialog.showModal();
}
dialog?.querySelector("[data-ask-yes]").addEventListener("click", () => {
  dialog.close();
  go();
});

const powers = (button) => {
  const menu = button?.closest(".menu") ?? null; // a button counts only what its menu holds
  return [...(button?.form?.querySelectorAll("option[data-second-yes]:checked") ?? [])].filter(
    (option) =>
      option.closest(".menu") === menu &&
      !option.defaultSelected &&
      !button.form.querySelector(`input[name="confirmed"][value="${option.value}"]`),
  );
};

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-confirm]");
    if (!button || button === sure || powers(button).length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button.form && !button.formNoValidate && !button.form.reportValidity()) return;
    ask(button.dataset.confirm, button, () => {
      sure = button;
      button.click();
      sure = null;
    });
  },
  true,
);

// What gives power says that it was asked.
document.addEventListener(
  "submit",
  (event) => {
    const [option] = powers(event.submitter);
    if (!option) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target: form, submitter } = event;
    ask(option.dataset.secondYes, submitter, () => {
      form.append(
        Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: option.value }),
      );
      sure = submitter;
      submitter.click();
      sure = null;
    });
  },
  true,
);
