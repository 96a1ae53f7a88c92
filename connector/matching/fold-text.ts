// Text as it is compared: without case, accents and differences of width, so that "Café" and "CAFE" are equal.

/** Accents of Latin, Greek and Cyrillic letters; marks of other scripts carry meaning and stay. */
const accents = /[\u0300-\u036f]/g

/** The text in lower case, without accents, full-width forms made plain, white space runs as one blank. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
}

/** Splits by the Unicode rules for words, Chinese and Japanese by dictionary (UAX #29, ICU). */
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })

/** The words of a folded text in their order; punctuation and blanks are left out. */
export function wordsIn(folded: string): string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(folded)) {
    if (isWordLike === true) words.push(segment)
  }
  return words
}
