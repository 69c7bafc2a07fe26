// Where two devices wrote different things without seeing each other's: both are shown, and one press decides.
function line(mark, keep) {
  const row = document.createElement("p");
  row.className = "cluster";
  const words = document.createElement("span");
  words.textContent = `${mark.words} (${mark.by}, ${mark.made_at.slice(11, 16)}, ${mark.device})`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary button--small";
  button.textContent = "Keep this";
  button.setAttribute("aria-label", `Keep this: ${mark.words}`);
  button.addEventListener("click", () => keep(mark));
  row.append(words, button);
  return row;
}

export function differences(form, fields, keep) {
  const place = form.querySelector("[data-differences]");
  place.replaceChildren();
  for (const field of Object.values(fields).filter((one) => one.others.length)) {
    const box = document.createElement("div");
    box.className = "alert alert--warning";
    const body = document.createElement("div");
    body.className = "alert__body";
    const title = document.createElement("p");
    title.className = "alert__title";
    title.textContent = "Two devices differ";
    body.append(title, line(field, keep), ...field.others.map((mark) => line(mark, keep)));
    box.append(body);
    place.append(box);
  }
}
