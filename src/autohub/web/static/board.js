// Dragging a card over the board: only where its flow leads; what the move needs is asked in the panel.
const board = () => document.querySelector("[data-board]");
let card = null;
document.addEventListener("dragstart", (event) => {
  card = event.target.closest?.(".lane-card[draggable]");
  if (!card) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.id);
  const to = JSON.parse(card.dataset.to);
  board()
    .querySelectorAll(".lane")
    .forEach((lane) => {
      lane.classList.toggle("is-open", Boolean(to[lane.dataset.phase]));
      lane.classList.toggle("is-closed", !to[lane.dataset.phase] && !lane.contains(card));
    });
});
document.addEventListener("dragover", (event) => {
  const lane = event.target.closest?.(".lane.is-open");
  if (card && lane) {
    event.preventDefault();
    lane.classList.add("is-over");
  }
});
document.addEventListener("dragleave", (event) => event.target.closest?.(".lane")?.classList.remove("is-over"));
document.addEventListener("dragend", rest);
document.addEventListener("drop", (event) => {
  const lane = event.target.closest?.(".lane.is-open");
  if (!card || !lane) return;
  event.preventDefault();
  const to = JSON.parse(card.dataset.to)[lane.dataset.phase];
  const link = Object.assign(document.createElement("a"), { href: `${card.dataset.move}?to=${to.join("&to=")}` });
  link.dataset.panel = "back";
  document.body.append(link);
  link.click();
  link.remove();
  rest();
});
function rest() {
  for (const lane of board()?.querySelectorAll(".lane") ?? []) lane.classList.remove("is-open", "is-closed", "is-over");
  card = null;
}
