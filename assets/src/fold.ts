// Vietnamese words without their marks, for comparing only: "Đỗ Văn Bằng" → "do van bang".
// The server folds the same way (crates/vietnamese); display always keeps the spelling.

/** Lower case, no marks, đ as d, single spaces. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[đĐÐƉ]/g, 'd')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** True when every word of `query` begins a word of `text`; both already folded. */
export function matches(text: string, query: string): boolean {
  const padded = ` ${text}`;
  return query.split(' ').every((word) => padded.includes(` ${word}`));
}
