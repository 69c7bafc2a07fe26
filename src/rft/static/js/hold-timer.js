// Counts a hold down to its data-expires, warning at five minutes and at one. Without it the words "until 14:35" still say all.
const WARNINGS = [5, 1];

const words = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
};

const start = (hold) => {
  // Reckoned from the server's clock at the time of the page: the visitor's own may be minutes out.
  const skew = hold.dataset.now ? Date.parse(hold.dataset.now) - Date.now() : 0;
  const remaining = () => Date.parse(hold.dataset.expires) - Date.now() - skew;
  const left = hold.querySelector("[data-hold-left]");
  const announcer = hold.querySelector("[data-hold-announce]");
  // A warning already behind us when the page opens is not news: the page itself has just said how long is left.
  let pending = WARNINGS.filter((minutes) => remaining() > minutes * 60_000);

  const tick = () => {
    const seconds = Math.max(0, Math.ceil(remaining() / 1000));
    left.textContent = words(seconds);
    hold.classList.toggle("hold--soon", seconds > 0 && seconds <= WARNINGS[0] * 60);
    const due = pending.filter((minutes) => seconds <= minutes * 60);
    pending = pending.filter((minutes) => !due.includes(minutes));
    if (seconds === 0) {
      clearInterval(timer);
      hold.classList.add("hold--over");
      left.textContent = "";
      hold.querySelector("[data-hold-text]").textContent = hold.dataset.over;
      announcer.textContent = hold.dataset.over;
    } else if (due.length > 0) {
      const minutes = Math.min(...due);
      announcer.textContent = `Your places are held for ${minutes} more ${minutes === 1 ? "minute" : "minutes"}.`;
    }
  };

  const timer = setInterval(tick, 1000);
  left.hidden = false;
  tick();
};

document.querySelectorAll("[data-expires]").forEach(start);
