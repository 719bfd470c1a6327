// A number in small flaps, as on a departures board.

export function showFlaps(element, shown) {
  element.value = shown;
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = shown;
  const flaps = [...shown].map((character) => {
    const flap = document.createElement("span");
    flap.className = /\d/.test(character) ? "flap" : "mark";
    flap.setAttribute("aria-hidden", "true");
    flap.textContent = character;
    return flap;
  });
  element.replaceChildren(said, ...flaps);
}
