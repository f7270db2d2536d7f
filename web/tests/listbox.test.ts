// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { nameList } from "@/components/listbox";

it("a field names its list, and the chosen one in it, only while they are there", () => {
  document.body.innerHTML =
    '<div><input aria-controls="list" aria-activedescendant="list-item--1" /></div>';
  const field = document.querySelector("div") as HTMLElement;
  const input = field.querySelector("input") as HTMLInputElement;
  nameList(field);
  expect(input.hasAttribute("aria-controls")).toBe(false);
  expect(input.hasAttribute("aria-activedescendant")).toBe(false);
  document.body.insertAdjacentHTML("beforeend", '<ul id="list"><li id="list-item-0"></li></ul>');
  input.setAttribute("aria-activedescendant", "list-item-0");
  nameList(field);
  expect(input.getAttribute("aria-controls")).toBe("list");
  expect(input.getAttribute("aria-activedescendant")).toBe("list-item-0");
});
