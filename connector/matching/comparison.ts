// The orders of encoded queries in both spellings: `>=` of values, `GE` of RELATIVE and DATEPART.

/** A comparison of two values of one type, neither of them empty or NaN. */
export type Comparison = <V extends string | number>(a: V, b: V) => boolean

/** The comparison an operator stands for. */
export function comparisonOf(operator: string): Comparison {
  switch (operator) {
    case '=':
    case 'EE':
      return (a, b) => a === b
    case '!=':
      return (a, b) => a !== b
    case '<':
    case 'LT':
      return (a, b) => a < b
    case '<=':
    case 'LE':
      return (a, b) => a <= b
    case '>':
    case 'GT':
      return (a, b) => a > b
    default:
      return (a, b) => a >= b
  }
}
