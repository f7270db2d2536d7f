/** What a browser remembers of a person's choices; nothing where it may not. */
import { ref, watch, type Ref } from "vue";

export function stored<T extends string>(name: string, words: readonly T[], none: T): Ref<T> {
  const key = `jiebang.${name}`;
  const value = ref(words.find((word) => word === recall(key)) ?? none) as Ref<T>;
  watch(value, (chosen) => {
    try {
      localStorage.setItem(key, chosen);
    } catch {
      // Forbidden or full: the choice holds until the page is closed.
    }
  });
  return value;
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
