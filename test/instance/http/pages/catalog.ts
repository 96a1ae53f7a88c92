// The catalog by hand: what may be ordered, the questions of an item, and the order itself.
import type { CatalogItem, CatalogQuestion } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { systemSession } from '../context.ts'
import { formParameters, redirect, text } from '../message.ts'
import type { Incoming, Reply } from '../message.ts'
import { findByDisplay } from '../table-parameters.ts'
import { sameText } from '../tokens.ts'
import { framePage, tokenField } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

/** Rows of a reference that are offered to pick from while typing. */
const offeredRows = 200

/** Renders `/catalog_home.do`: every item. */
export function catalogPage(context: FrontContext, visitor: Visitor): Reply {
  const items = context.platform.catalog()
  return framePage(context, visitor, {
    title: 'Service catalog',
    current: '/catalog_home.do',
    main: markup`<h1>Service catalog</h1>
      <ul class="tiles">${items.map(tile)}</ul>`,
  })
}

function tile(item: CatalogItem): Html {
  return markup`<li class="card">
    <h2><a href="/catalog_item.do?sysparm_id=${item.sysId}">${item.name}</a></h2>
    <p>${item.shortDescription}</p>
    <p class="muted">${item.category}</p>
  </li>`
}

/** Answers `/catalog_item.do`: shows the questions or takes the order. */
export function answerCatalogItem(
  context: FrontContext,
  visitor: Visitor,
  incoming: Incoming,
): Reply {
  const form = formParameters(incoming)
  const item = context.platform.catalog().find((one) => one.sysId === form.get('sysparm_id'))
  if (item === undefined) return text(404, 'There is no such catalog item.')
  if (incoming.method !== 'POST') {
    const answers = Object.fromEntries(item.questions.map((one) => [one.name, one.defaultValue]))
    return itemPage(context, visitor, { item, answers, person: '', problem: null })
  }
  if (!sameText(form.get('sysparm_ck') ?? '', visitor.browser.token)) {
    return text(403, 'The page is out of date. Go back, reload it and try again.')
  }
  return order(context, visitor, { item, form })
}

function order(
  context: FrontContext,
  visitor: Visitor,
  { item, form }: { item: CatalogItem; form: URLSearchParams },
): Reply {
  const answers = Object.fromEntries(
    item.questions.map((one) => [
      one.name,
      (form.getAll(`answer.${one.name}`).at(-1) ?? '').replaceAll('\r\n', '\n'),
    ]),
  )
  const person = form.get('requested_for') ?? ''
  const requestedFor =
    person === '' || person === visitor.session.displayName
      ? visitor.session.userSysId
      : findByDisplay(context.platform, 'sys_user', person)
  if (requestedFor === null) {
    return itemPage(context, visitor, {
      item,
      answers,
      person,
      problem: `There is no "${person}".`,
    })
  }
  const quantity = Number(form.get('quantity') ?? '1')
  const asked = { item: item.sysId, quantity, requestedFor, answers }
  const made = context.platform.order(visitor.session, asked)
  if (!made.ok) return itemPage(context, visitor, { item, answers, person, problem: made.message })
  const { number = '', sys_id: sysId = '' } = made.item
  const message = `Ordered: ${number} (${made.request['number'] ?? ''}).`
  visitor.browser.messages.push({ kind: 'info', text: message })
  return redirect(`/sc_req_item.do?sys_id=${sysId}`)
}

interface Shown {
  item: CatalogItem
  answers: Readonly<Record<string, string>>
  person: string
  problem: string | null
}

function itemPage(context: FrontContext, visitor: Visitor, shown: Shown): Reply {
  const { item, answers, problem } = shown
  return framePage(context, visitor, {
    title: item.name,
    status: problem === null ? 200 : 400,
    current: '/catalog_home.do',
    main: markup`<div class="heading">
        <div>
          <p class="crumb"><a href="/catalog_home.do">Service catalog</a> · ${item.category}</p>
          <h1>${item.name}</h1>
          <p>${item.shortDescription}</p>
        </div>
      </div>
      ${problem === null ? null : markup`<p class="message error" role="alert">${problem}</p>`}
      <form class="card" method="post" action="/catalog_item.do" autocomplete="off">
        ${tokenField(visitor)}
        <input type="hidden" name="sysparm_id" value="${item.sysId}" />
        <div class="fields">
          ${personField(context, visitor, shown.person)}
          <div class="field">
            <label for="quantity">Quantity</label>
            <input id="quantity" name="quantity" value="1" inputmode="numeric" required />
          </div>
          ${item.questions.map((one) => questionField(context, one, answers[one.name] ?? ''))}
        </div>
        <p><button class="primary">Order now</button></p>
      </form>`,
  })
}

function personField(context: FrontContext, visitor: Visitor, person: string): Html {
  const value = person === '' ? visitor.session.displayName : person
  return markup`<div class="field">
    <label for="requested_for">Requested for</label>
    <input id="requested_for" name="requested_for" value="${value}" list="people" />
    ${names(context, { id: 'people', table: 'sys_user' })}
  </div>`
}

function questionField(context: FrontContext, question: CatalogQuestion, value: string): Html {
  const id = `answer-${question.name}`
  const wide = question.type === '2'
  return markup`<div class="field ${wide ? 'wide' : ''}">
    <label for="${id}"
      >${question.label}${question.mandatory ? markup`<span class="required" title="Required"> *</span>` : null}</label
    >
    ${control(context, { question, value, id })}
    ${question.help === '' ? null : markup`<small class="muted">${question.help}</small>`}
  </div>`
}

function control(
  context: FrontContext,
  { question, value, id }: { question: CatalogQuestion; value: string; id: string },
): Html {
  const name = `answer.${question.name}`
  const required = question.mandatory ? markup`required` : null
  switch (question.type) {
    case '2':
      return markup`<textarea id="${id}" name="${name}" rows="4" ${required}>\n${value}</textarea>`
    case '5':
      return markup`<select id="${id}" name="${name}" ${required}>
        <option value="">— None —</option>
        ${question.choices.map(
          (choice) =>
            markup`<option value="${choice.value}" ${choice.value === value ? markup`selected` : null}>${choice.label}</option>`,
        )}
      </select>`
    case '7':
      return markup`<input type="hidden" name="${name}" value="false" /><input
          type="checkbox"
          id="${id}"
          name="${name}"
          value="true"
          ${value === 'true' ? markup`checked` : null}
        />`
    case '8':
      return markup`<input id="${id}" name="${name}" value="${value}" list="${id}-names" ${required} />
        ${names(context, { id: `${id}-names`, table: question.reference })}`
    case '25':
      return markup`<input type="password" id="${id}" name="${name}" autocomplete="new-password" ${required} />`
    default: {
      const numeric = question.type === '4' ? markup`inputmode="numeric"` : null
      return markup`<input id="${id}" name="${name}" value="${value}" ${numeric} ${required} />`
    }
  }
}

/** Names to pick from while typing. */
function names(context: FrontContext, { id, table }: { id: string; table: string }): Html {
  const field = context.platform.table(table)?.displayField ?? 'name'
  const found = context.platform.query(systemSession, table, {
    encodedQuery: `ORDERBY${field}`,
    limit: offeredRows,
    acl: false,
  })
  const rows = 'ok' in found ? [] : found.records
  return markup`<datalist id="${id}">
    ${rows.map((row) => markup`<option value="${row[field] ?? ''}"></option>`)}
  </datalist>`
}
