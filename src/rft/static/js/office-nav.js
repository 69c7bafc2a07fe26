// The navigation may be longer than the screen: the page one is on is scrolled into its sight. Nothing depends on it.
for (const nav of document.querySelectorAll(".office-side .office-nav")) {
  const here = nav.querySelector("[aria-current]");
  if (here && here.offsetTop + here.offsetHeight > nav.clientHeight) nav.scrollTop = here.offsetTop - nav.clientHeight / 2;
}
