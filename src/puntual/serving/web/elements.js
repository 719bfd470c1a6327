// Elements with a class and a text.

export function element(kind, name = "", content = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = content;
  return made;
}

export const span = (name, content = "") => element("span", name, content);

export const item = (content) => element("li", "", content);
