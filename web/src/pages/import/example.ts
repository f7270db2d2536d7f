/** A table to try with, all of it invented: headers of nobody's template, one date that is none. */
import { csv } from "@/format/csv";

export const EXAMPLE = "示例需求（虚构）.csv";

const ROWS = [
  ["贵企业的名称", "技术需求的题目", "遇到的技术瓶颈", "打算投入的经费（万元）", "希望何时完成"],
  [
    "虚构澄岚精密机械有限公司",
    "示例：谐波减速器柔轮疲劳寿命提升",
    "柔轮在高转速下容易疲劳开裂，寿命只有五千小时，希望达到一万小时。",
    "120",
    "2027-06",
  ],
  [
    "虚构沅石密封科技有限公司",
    "示例：高温蒸汽阀门密封材料",
    "现有密封圈在 260℃ 饱和蒸汽中三个月后变硬渗漏，希望连续使用一年以上。",
    "80",
    "明年年中吧",
  ],
];

export const example = (): File => new File(["\ufeff", csv(ROWS)], EXAMPLE, { type: "text/csv" });
