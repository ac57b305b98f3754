// Dragging a category before another one, or onto one to put it below.
let held = null;
document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-category]");
  if (held) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const row = held && event.target.closest?.(".tree-row");
  if (!row || held.contains(row)) return;
  event.preventDefault();
  const place = (event.clientY - row.getBoundingClientRect().top) / row.offsetHeight;
  row.dataset.over = place < 0.4 ? "before" : "into";
});
document.addEventListener("dragleave", (event) => {
  const row = event.target.closest?.(".tree-row");
  if (row) delete row.dataset.over;
});
document.addEventListener("drop", (event) => {
  const row = held && event.target.closest?.(".tree-row");
  if (!row || held.contains(row)) return;
  event.preventDefault();
  const target = row.closest("[data-category]");
  const before = row.dataset.over === "before";
  const fields = {
    parent_id: before ? target.parentElement.dataset.parent : target.dataset.category,
    before_id: before ? target.dataset.category : "",
  };
  const form = Object.assign(document.createElement("form"), {
    method: "post",
    action: `/admin/setup/categories/${held.dataset.category}/move`,
    hidden: true,
  });
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  form.submit();
});
