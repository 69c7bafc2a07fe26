// Light or dark as the person chose. Loaded in the head as a plain script, not a module, so that no page flashes in the other theme.
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // Storage may be refused; the system's choice then stands.
    }
  };
  const current = () =>
    root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  const choice = stored();
  if (choice === "dark" || choice === "light") root.dataset.theme = choice;

  const label = (button) => {
    button.querySelector("[data-theme-label]").textContent =
      current() === "dark" ? "Use light colours" : "Use dark colours";
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      label(button);
      button.hidden = false;
      button.addEventListener("click", () => {
        root.dataset.theme = current() === "dark" ? "light" : "dark";
        try {
          localStorage.setItem("theme", root.dataset.theme);
        } catch {
          // The choice lasts for this page.
        }
        label(button);
      });
    }
  });
})();
