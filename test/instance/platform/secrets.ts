// Passwords and password2 values as the rows hold them: passwords hashed, password2 scrambled with a key
// that lives as long as the instance. Neither is ever shown by the Table API.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const key = randomBytes(32)
const prefix = '{scrambled}'

/** Hash of a user's password, salted. */
export function hashPassword(password: string, salt = randomBytes(8).toString('hex')): string {
  return `${salt}$${createHash('sha256')
    .update(salt + password)
    .digest('hex')}`
}

/** True when the password belongs to the stored hash. */
export function passwordMatches(stored: string, password: string): boolean {
  const [salt = ''] = stored.split('$')
  const given = Buffer.from(hashPassword(password, salt))
  const wanted = Buffer.from(stored)
  return stored !== '' && given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Scrambles the value of a password2 column. */
export function scramble(plain: string): string {
  if (plain === '') return ''
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** Plain text of a scrambled value; a value that was never scrambled (setValue) comes back unreadable, as ''. */
export function unscramble(stored: string): string {
  if (!isScrambled(stored)) return ''
  const bytes = Buffer.from(stored.slice(prefix.length), 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}

/** True for the stored form of a password2 value. */
export function isScrambled(stored: string): boolean {
  return stored.startsWith(prefix)
}
