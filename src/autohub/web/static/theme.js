// Runs before the page is painted: the theme that was chosen, else the system's; the rail as it was left.
const wanted =
  document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.dataset.bsTheme = wanted;
try {
  if (localStorage.getItem("rail") === "folded") document.documentElement.classList.add("rail-folded");
} catch (error) {
  /* no storage, no memory */
}
if (!/(?:^|; )zone=/.test(document.cookie)) {
  document.cookie =
    "zone=" +
    encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC") +
    "; Path=/; Max-Age=31536000; SameSite=Lax";
}
