// A signature drawn with a finger, a pen or a mouse: lines in a space of 600 by 200. Without one of these a name is typed.
const WIDTH = 600;
const HEIGHT = 200;
const STEP = 3;
const LONGEST = 12000;

export function letSign(box, keep) {
  const pad = box.querySelector("[data-pad]");
  const path = pad.querySelector("path");
  let last = null;
  let fresh = false;
  box.hidden = false;

  function placeOf(event) {
    const edge = pad.getBoundingClientRect();
    const along = (at, from, size, whole) => Math.round(Math.min(Math.max((at - from) / size, 0), 1) * whole);
    return [along(event.clientX, edge.left, edge.width, WIDTH), along(event.clientY, edge.top, edge.height, HEIGHT)];
  }

  function draw(letter, [x, y]) {
    const drawn = path.getAttribute("d");
    if (drawn.length < LONGEST) {
      path.setAttribute("d", `${drawn}${letter}${x} ${y}`);
    }
    last = [x, y];
  }

  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    if (!fresh) {
      path.setAttribute("d", "");
      fresh = true;
    }
    draw("M", placeOf(event));
    draw("L", last);
  });
  pad.addEventListener("pointermove", (event) => {
    if (last) {
      const place = placeOf(event);
      if (Math.abs(place[0] - last[0]) + Math.abs(place[1] - last[1]) >= STEP) {
        draw("L", place);
      }
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, () => {
      last = null;
    });
  }
  box.querySelector("[data-keep-signature]").addEventListener("click", () => {
    const drawn = path.getAttribute("d");
    if (drawn) {
      fresh = false;
      keep({ path: drawn });
    }
  });
  box.querySelector("[data-clear-signature]").addEventListener("click", () => {
    path.setAttribute("d", "");
    fresh = false;
    keep({ path: "" });
  });
}
