// Incident texts made by a recipe, for measuring classifiers: no company's tickets, the same in every run.
//
// The recipe: every kind of trouble has subjects and symptoms in English and Chinese. A text takes one or two of
// them, in one language or (one in eight) both, puts in a host, a user or a figure, and adds what tickets are full
// of: greetings, urgency, times, log lines, and (one in three) a sentence that belongs to another kind. One word in
// 25 has a slip of the pen. Kinds overlap on purpose: a full disk is cured by deleting files or by growing the
// volume, a person who cannot log on has forgotten the password or is locked out. One ticket in 50 has the label of
// another kind, because somebody ran the wrong automation and it went well. Unknown kinds use the same small talk,
// hosts and part of the same words, but nothing that was learned helps with them.
//
// Texts to learn from and texts to measure with are different ones but take from the same symptoms, so figures say
// how well the method tells kinds apart and keeps silent, not how it does on a company's own tickets.

/** A text and what helped with it; null = nothing that is known. */
export interface LabelledText {
  readonly text: string
  readonly label: string | null
}

interface Kind {
  readonly label: string | null
  readonly en: readonly string[]
  readonly zh: readonly string[]
}

const kinds: readonly Kind[] = [
  {
    label: 'free-disk-space',
    en: [
      'disk full on {host}',
      'no space left on device',
      '/var/log fills up the disk',
      'filesystem at {n}% because of old log files',
      'temp files eat the disk',
      'cannot write, disk usage {n}%',
      'cleanup of old logs needed on {host}',
    ],
    zh: [
      '{host} 磁盘已满',
      '日志文件占满磁盘',
      '磁盘使用率 {n}%',
      '临时文件太多，请清理',
      '设备上没有剩余空间',
    ],
  },
  {
    label: 'extend-volume',
    en: [
      'volume on {host} too small, please grow it',
      'data partition needs more space',
      'disk full although already cleaned, extend the volume',
      'lvm volume group has to be extended',
      'please add {n} GB to the data volume',
    ],
    zh: ['{host} 数据卷需要扩容', '分区空间不足，请扩展', '请给数据盘增加 {n} GB', '逻辑卷太小'],
  },
  {
    label: 'unlock-account',
    en: [
      'my account is locked',
      'account {user} locked after too many attempts',
      'cannot log on, it says the account is locked out',
      'lockout in active directory',
      'please unlock {user}',
    ],
    zh: ['账号被锁定', '{user} 的账户已锁定，请解锁', '登录失败次数过多被锁', '域账号锁定'],
  },
  {
    label: 'reset-password',
    en: [
      'forgot my password',
      'password expired and I cannot log on',
      'please reset the password of {user}',
      'need a new password',
      'password change does not work',
    ],
    zh: ['忘记密码', '密码已过期无法登录', '请重置 {user} 的密码', '需要新密码', '修改密码失败'],
  },
  {
    label: 'restart-web-service',
    en: [
      'web shop answers http 500',
      'site is down, {host} gives bad gateway',
      'web service on {host} does not respond',
      'nginx is dead on {host}',
      'portal very slow and then error 503',
      'service down, please restart the web server',
    ],
    zh: [
      '网站打不开，报 500 错误',
      '{host} 网页服务无响应',
      '门户网站报 502',
      '请重启 web 服务',
      'nginx 服务停止',
    ],
  },
  {
    label: 'restart-print-spooler',
    en: [
      'printer does not print',
      'print jobs stuck in the queue',
      'spooler service stopped on {host}',
      'all printers on floor {n} offline',
      'cannot delete a print job',
    ],
    zh: ['打印机无法打印', '打印任务卡住', '打印队列堵塞', '{host} 打印后台服务停止'],
  },
  {
    label: 'renew-certificate',
    en: [
      'certificate of {host} expires in {n} days',
      'browser warns about the certificate',
      'tls handshake fails, certificate expired',
      'ssl certificate has to be renewed',
    ],
    zh: ['{host} 证书即将过期', '浏览器提示证书不安全', 'SSL 证书已过期', '请更新证书'],
  },
  {
    label: 'flush-dns-cache',
    en: [
      'host name does not resolve',
      'dns still shows the old address of {host}',
      'nslookup gives the wrong ip',
      'name resolution fails since the move of {host}',
    ],
    zh: ['域名无法解析', 'DNS 仍指向旧地址', '解析到错误的 IP', '{host} 域名解析失败'],
  },
  {
    label: 'kill-blocking-session',
    en: [
      'database query hangs, blocked by another session',
      'deadlock in the order database',
      'session {n} blocks all others',
      'sql lock wait timeout',
      'table is locked since an hour',
    ],
    zh: ['数据库会话阻塞', '数据库死锁', '会话 {n} 锁表', 'SQL 语句一直等待锁'],
  },
  {
    label: 'extend-tablespace',
    en: [
      'tablespace is {n}% full',
      'ora-01653 unable to extend table',
      'database cannot insert, tablespace has no space',
      'please add a datafile to the tablespace',
    ],
    zh: [
      '表空间使用率 {n}%',
      '表空间不足无法插入',
      '请为表空间增加数据文件',
      'ORA-01653 无法扩展表',
    ],
  },
  {
    label: 'restart-message-queue',
    en: [
      'messages pile up in the queue',
      'consumer of queue orders stopped',
      'rabbitmq on {host} does not deliver',
      'backlog of {n} messages',
      'queue manager is down',
    ],
    zh: ['消息队列积压', '队列消费者停止', '{host} 上的 rabbitmq 不投递消息', '积压 {n} 条消息'],
  },
  {
    label: 'raise-mail-quota',
    en: [
      'mailbox is full',
      'cannot receive mails, quota exceeded',
      'mailbox of {user} over its limit',
      'outlook says mailbox size limit reached',
    ],
    zh: ['邮箱已满', '邮箱超出配额无法收信', '{user} 的邮箱容量不足', 'Outlook 提示邮箱已达上限'],
  },
]

/** Nothing that is known helps with these. */
const strangers: readonly Kind[] = [
  {
    label: null,
    en: [
      'monitor flickers',
      'second screen stays black',
      'docking station does not charge the laptop',
      'keyboard is broken',
    ],
    zh: ['显示器闪烁', '键盘坏了', '扩展坞不能充电', '屏幕黑屏'],
  },
  {
    label: null,
    en: [
      'need access to the finance share',
      'please add {user} to the group of the project',
      'permission denied on the shared drive',
    ],
    zh: ['申请共享盘权限', '请把 {user} 加入项目组', '无权访问共享文件夹'],
  },
  {
    label: null,
    en: [
      'suspicious mail with an attachment',
      'phishing mail asks for the password',
      'someone clicked on a link in a mail',
    ],
    zh: ['收到可疑邮件', '钓鱼邮件要求输入密码', '点击了邮件中的链接'],
  },
  {
    label: null,
    en: [
      'excel crashes when opening a file',
      'office licence is not active',
      'word document is damaged',
    ],
    zh: ['Excel 打开文件崩溃', 'Office 许可证未激活', '文档损坏'],
  },
  {
    label: null,
    en: [
      'telephone in room {n} is dead',
      'headset has no sound in meetings',
      'video conference without picture',
    ],
    zh: ['会议室 {n} 电话不通', '耳机没有声音', '视频会议没有画面'],
  },
  {
    label: null,
    en: [
      'backup of {host} failed last night',
      'restore of a deleted folder needed',
      'tape library reports an error',
    ],
    zh: ['{host} 昨晚备份失败', '需要恢复已删除的文件夹', '磁带库报错'],
  },
  {
    label: null,
    en: [
      'cpu of {host} at {n}% for hours',
      'java process eats all the memory',
      'out of memory killer on {host}',
    ],
    zh: ['{host} CPU 使用率 {n}%', 'Java 进程占用内存过高', '内存溢出'],
  },
  {
    label: null,
    en: [
      'vpn drops every few minutes',
      'wifi in building {n} is slow',
      'packet loss between the sites',
    ],
    zh: ['VPN 频繁断开', '{n} 号楼无线网络很慢', '站点之间丢包'],
  },
  {
    label: null,
    en: [
      'badge does not open the door',
      'air conditioning in the server room',
      'coffee machine on floor {n} leaks',
    ],
    zh: ['门禁卡打不开门', '机房空调故障', '{n} 楼咖啡机漏水'],
  },
  {
    label: null,
    en: [
      'payroll shows the wrong amount',
      'invoice {n} cannot be booked in the erp',
      'report has the wrong currency',
    ],
    zh: ['工资金额显示错误', '发票 {n} 无法入账', '报表币种错误'],
  },
]

const smallTalk = {
  en: [
    'Hello,',
    'please help',
    'urgent!',
    'since this morning',
    'users complain',
    'it worked yesterday',
    'thanks',
    'several people are affected',
    'happens again and again',
    'see the log below',
    'monitoring alert',
    'Kind regards {user}',
    'ERROR {n} at {time} on {host}',
    'production',
  ],
  zh: [
    '您好，',
    '请帮忙',
    '紧急！',
    '从今天早上开始',
    '用户投诉',
    '昨天还正常',
    '谢谢',
    '多人受影响',
    '反复出现',
    '日志见下',
    '监控告警',
    '错误 {n} {time} {host}',
    '生产环境',
  ],
} as const

const hostParts = ['web', 'db', 'app', 'srv', 'file', 'mail', 'prod', 'shop'] as const
const users = ['beth.anglin', 'j.miller', 'wang.wei', 'li.na', 'abel.tuter', 'zhang.min'] as const

type Random = () => number

/** Texts of the known kinds, evenly spread, one in 50 with a wrong label. */
export function knownTexts(count: number, seed: number): LabelledText[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? pick(kinds, random)
    const label = random() < 0.02 ? pick(kinds, random).label : kind.label
    return { text: textOf(kind, [...kinds, ...strangers], random), label }
  })
}

/** Texts of kinds that nobody has learned. */
export function strangeTexts(count: number, seed: number): LabelledText[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = strangers[index % strangers.length] ?? pick(strangers, random)
    // A sentence of a known kind would make it a ticket that what was learned does help with.
    return { text: textOf(kind, strangers, random), label: null }
  })
}

function textOf(kind: Kind, others: readonly Kind[], random: Random): string {
  const parts: string[] = []
  const language = random() < 0.6 ? 'en' : 'zh'
  const other = language === 'en' ? 'zh' : 'en'
  parts.push(pick(kind[language], random))
  if (random() < 0.6) parts.push(pick(kind[language], random))
  if (random() < 0.125) parts.push(pick(kind[other], random))
  for (let talk = Math.floor(random() * 5); talk > 0; talk -= 1) {
    parts.push(pick(smallTalk[language], random))
  }
  if (random() < 1 / 3) parts.push(pick(pick(others, random)[language], random))
  const [title = '', ...body] = parts
  const text = [title, shuffle(body, random).join(language === 'en' ? ' ' : '，')].join('\n')
  return slip(fill(text, random), random)
}

function fill(text: string, random: Random): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'host')
      return `${pick(hostParts, random)}-${pick(hostParts, random)}${digits(2, random)}`
    if (name === 'user') return pick(users, random)
    if (name === 'time') return `${digits(2, random)}:${digits(2, random)}:${digits(2, random)}`
    return digits(2, random)
  })
}

/** Two letters change places in one Latin word of 25. */
function slip(text: string, random: Random): string {
  return text.replaceAll(/[A-Za-z]{4,}/g, (word) => {
    if (random() >= 0.04) return word
    const place = 1 + Math.floor(random() * (word.length - 2))
    const [one = '', other = ''] = [word[place], word[place + 1]]
    return word.slice(0, place) + other + one + word.slice(place + 2)
  })
}

function digits(count: number, random: Random): string {
  return Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
}

function pick<T>(all: readonly T[], random: Random): T {
  const found = all[Math.floor(random() * all.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

function shuffle<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => ({ one, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ one }) => one)
}

/** 0 to 1, the same numbers for the same seed (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
