/** How an exported table calls things, in the reader's language. */
import { useI18n } from "vue-i18n";
import type { Words } from "./exporting";

export function useWords(): Words {
  const { t, te } = useI18n();
  return {
    column: (name) => t(`match.columns.${name}`),
    signal: (name) =>
      t("match.columns.part", { name: te(`signals.${name}`) ? t(`signals.${name}`) : name }),
    label: (name) => t(`labels.${name}`),
    edge: (step) => t(`node.${step.forward ? "forward" : "reverse"}.${step.type}`),
    reason: ({ key, given }) => t(`match.why.${key}`, given),
    decision: (name) => t(`decisions.${name}`),
    get inferred() {
      return t("inferred.inferred");
    },
    get observed() {
      return t("node.observed");
    },
  };
}
