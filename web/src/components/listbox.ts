/**
 * Element Plus has a field name the list of its suggestions before there is one, which no reader of
 * a screen can follow: name it while it is there. Call it once the field stands, and as often as
 * suggestions come.
 */
const lists = new WeakMap<HTMLInputElement, string>();

export function nameList(field: HTMLElement | undefined): void {
  const input = field?.querySelector("input");
  if (!input) return;
  const id = lists.get(input) ?? input.getAttribute("aria-controls");
  if (!id) return;
  lists.set(input, id);
  if (document.getElementById(id)) input.setAttribute("aria-controls", id);
  else {
    input.removeAttribute("aria-controls");
    input.removeAttribute("aria-activedescendant");
  }
}
