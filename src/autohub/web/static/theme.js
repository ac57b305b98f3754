// Runs before the page is painted: the theme that was chosen, else the system's, also when that changes; the rail as it
// was left.
const root = document.documentElement;
const night = matchMedia("(prefers-color-scheme: dark)");
const dress = () => {
  root.dataset.bsTheme = root.dataset.theme || (night.matches ? "dark" : "light");
};
dress();
night.addEventListener("change", () => {
  dress();
  document.dispatchEvent(new CustomEvent("themed"));
});
try {
  if (localStorage.getItem("rail") === "folded") root.classList.add("rail-folded");
} catch {
  /* no storage, no memory */
}
if (!/(?:^|; )zone=/.test(document.cookie)) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs HTTPS, and many hubs have none inside.
  document.cookie =
    "zone=" +
    encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC") +
    "; Path=/; Max-Age=31536000; SameSite=Lax";
}
