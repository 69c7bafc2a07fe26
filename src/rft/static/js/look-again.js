// While something is being made, looks again by itself every two seconds, as the link would; stops when nobody watches.
const SECONDS = 2;
const link = document.querySelector("[data-look-again]");

if (link) {
  setTimeout(function look() {
    if (document.hidden) {
      setTimeout(look, SECONDS * 1000);
    } else {
      window.location.replace(link.href);
    }
  }, SECONDS * 1000);
}
