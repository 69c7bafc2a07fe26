// The office's keyboard shortcuts. Nothing depends on them; /office/shortcuts says which there are.
const PLACES = {
  t: "/office",
  c: "/office/calendar",
  s: "/office/schedules",
  o: "/office/orders",
  b: "/office/bookings",
};
const WAIT = 1500; // The second letter comes within so many milliseconds.
const STORED = "shortcuts";
let goes = 0;

const lettersAreOff = () => {
  try {
    return localStorage.getItem(STORED) === "off";
  } catch {
    return false; // Storage may be refused; then they are on.
  }
};

const isWriting = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

const search = () => {
  const field = document.querySelector("[data-search-field]");
  if (!field) return false;
  field.focus();
  field.select();
  return true;
};

const press = (event) => {
  if (event.key === "/") return search();
  if (event.key === "?") return location.assign("/office/shortcuts") ?? true;
  const place = goes > event.timeStamp ? PLACES[event.key] : undefined;
  goes = event.key === "g" ? event.timeStamp + WAIT : 0;
  return place ? (location.assign(place) ?? true) : false;
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl) {
    if (event.key === "k" && search()) event.preventDefault();
    return;
  }
  if (!isWriting(event.target) && !lettersAreOff() && press(event)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-shortcuts-toggle]")) {
  const label = () => {
    button.textContent = lettersAreOff() ? "Turn letters on" : "Turn letters off";
  };
  label();
  button.hidden = false;
  button.addEventListener("click", () => {
    try {
      localStorage.setItem(STORED, lettersAreOff() ? "on" : "off");
    } catch {
      return; // Without storage nothing can be remembered, and the label stays true.
    }
    label();
  });
}
