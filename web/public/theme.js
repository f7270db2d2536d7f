// Before the first paint, so that nobody who chose the dark is dazzled; src/app/theme.ts does the rest.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("jiebang.theme");
  } catch (_) {
    // Storage may be forbidden: then the system decides.
  }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
})();
