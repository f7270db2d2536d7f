/**
 * Element Plus has a field name the list of its suggestions, and the chosen one of them, before they
 * are there, which no reader of a screen can follow: name them while they are. Call it once the
 * field stands, and as often as suggestions come.
 */
const lists = new WeakMap<HTMLInputElement, string>();
const there = (id: string | null): boolean => Boolean(id && document.getElementById(id));

export function nameList(field: HTMLElement | undefined): void {
  const input = field?.querySelector("input");
  if (!input) return;
  const id = lists.get(input) ?? input.getAttribute("aria-controls");
  if (id) lists.set(input, id);
  if (id && there(id)) input.setAttribute("aria-controls", id);
  else input.removeAttribute("aria-controls");
  if (!there(input.getAttribute("aria-activedescendant"))) {
    input.removeAttribute("aria-activedescendant");
  }
}
