// The form of a record: fields, actions, work notes and comments, related records.
import type { Failure, StoredRecord, Table } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import type { Incoming, Reply } from '../message.ts'
import { formFields } from './form-fields.ts'
import { postForm } from './form-post.ts'
import { framePage, tokenField } from './frame.ts'
import { markup, scriptCode, scriptLiteral } from './html.ts'
import type { Html } from './html.ts'
import { journalColumns } from './layout.ts'
import { actionButtons, activities, badges, formActions, relatedLists } from './live.ts'
import { isWritable, loadView, newRecordId, recordTitle, visibleColumns } from './record-view.ts'
import type { RecordView } from './record-view.ts'

/** Answers `/{table}.do`: shows the form or takes its post. */
export function answerForm(
  context: FrontContext,
  visitor: Visitor,
  { incoming, table }: { incoming: Incoming; table: Table },
): Reply {
  if (incoming.method === 'POST') {
    const outcome = postForm(context, visitor, { incoming, table })
    return outcome.done ? outcome.reply : refusedForm(outcome.view, outcome)
  }
  const sysId = incoming.query.get('sys_id') ?? newRecordId
  const prefill = incoming.query.get('sysparm_query') ?? ''
  const view = loadView(context, visitor, { table, sysId, prefill })
  if (view === null) return missingRecord(context, visitor, table)
  return renderForm(view, { stored: view.record, failure: null })
}

/** The form again with what was typed, and why it was not taken. */
function refusedForm(
  view: RecordView,
  { values, failure }: { values: StoredRecord; failure: Failure },
): Reply {
  const typed = { ...view, record: { ...view.record, ...values } }
  return renderForm(typed, { stored: view.record, failure })
}

function renderForm(
  view: RecordView,
  { stored, failure }: { stored: StoredRecord; failure: Failure | null },
): Reply {
  const isNew = view.sysId === newRecordId
  const title = recordTitle(view)
  const subject = view.record['short_description'] ?? ''
  return framePage(view.context, view.visitor, {
    title,
    status: failure?.status ?? 200,
    script: actionScripts(view),
    main: markup`<article
      class="record"
      id="record"
      data-table="${view.table.name}"
      data-sys-id="${view.sysId}"
    >
      <div class="heading">
        <div>
          <p class="crumb"><a href="/${view.table.name}_list.do">${view.table.label}</a></p>
          <h1>
            ${title}${isNew || subject === '' || subject === title ? null : markup` <span class="subject">${subject}</span>`}
          </h1>
          <p class="badges" id="badges">${isNew ? null : badges(view)}</p>
        </div>
        <div class="buttons">
          <span id="actions" class="actions">${isNew ? null : actionButtons(view)}</span>
          ${canSave(view) ? markup`<button class="primary" form="record-form" name="sys_action" value="save">${isNew ? 'Submit' : 'Save'}</button>` : null}
        </div>
      </div>
      ${failure === null ? null : refusal(failure)}
      <p class="sr" id="announcer" role="status"></p>
      <p class="notice" id="stale" hidden>
        This page can no longer reach the instance; what you see may be old.
      </p>
      <div class="columns ${isNew ? 'single' : ''}">
        <form
          id="record-form"
          class="card"
          method="post"
          action="/${view.table.name}.do"
          autocomplete="off"
        >
          ${tokenField(view.visitor)}
          <input type="hidden" name="sys_id" value="${view.sysId}" />${formFields(view, stored)}
        </form>
        ${isNew ? null : activityPanel(view)}
      </div>
      ${isNew ? null : answersPanel(view)}
      <div id="related">${isNew ? null : relatedLists(view)}</div>
    </article>`,
  })
}

/** What the requester answered; only ordered items have any. */
function answersPanel(view: RecordView): Html | null {
  if (view.table.name !== 'sc_req_item') return null
  const answers = view.context.platform.answers(view.sysId)
  if (answers.length === 0) return null
  return markup`<section class="card" aria-labelledby="answers-title">
    <h2 id="answers-title">Variables</h2>
    <dl class="pairs">
      ${answers.map(
        ({ name, label, display }) =>
          markup`<div data-variable="${name}">
            <dt>${label}</dt>
            <dd class="pre">${display === '' ? '—' : display}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

function refusal(failure: Failure): Html {
  return markup`<div class="message error" role="alert">
    <p><strong>${failure.message}</strong></p>
    ${failure.detail === null ? null : markup`<p>${failure.detail}</p>`}
  </div>`
}

function canSave(view: RecordView): boolean {
  return visibleColumns(view).some((column) => isWritable(view, column))
}

function activityPanel(view: RecordView): Html | null {
  const journals = journalColumns(view.table)
  if (journals.length === 0) return null
  const writable = journals.filter((column) => isWritable(view, column))
  return markup`<section class="card activity" aria-labelledby="activity-title">
    <h2 id="activity-title">Activity</h2>
    ${
      writable.length === 0
        ? null
        : markup`<form id="note-form" method="post" action="/${view.table.name}.do">
            ${tokenField(view.visitor)}
            <input type="hidden" name="sys_id" value="${view.sysId}" /><input
              type="hidden"
              name="sys_action"
              value="note"
            />
            <fieldset class="segmented">
              <legend class="sr">Kind of entry</legend>
              ${writable.map(
                (column, index) =>
                  markup`<label
                    ><input
                      type="radio"
                      name="element"
                      value="${column.name}"
                      ${index === 0 ? markup`checked` : null}
                    /><span>${column.label}</span></label
                  >`,
              )}
            </fieldset>
            <label class="sr" for="note-text">Text of the entry</label>
            <textarea
              id="note-text"
              name="text"
              rows="3"
              required
              placeholder="Write an entry…"
            ></textarea>
            <div class="note-buttons">
              <small class="muted">Work notes are internal. Comments are read by the caller.</small
              ><button>Post</button>
            </div>
          </form>`
    }
    <ol class="stream" id="activity" aria-live="polite" aria-relevant="additions">${activities(view).map(({ item }) => item)}</ol>
    <p class="muted empty-stream">Nothing has been written yet.</p>
  </section>`
}

/** Scripts of client actions: the functions they declare, and one entry per button. */
function actionScripts(view: RecordView): Html {
  if (view.sysId === newRecordId) return markup``
  const clients = formActions(view).filter((action) => action.client)
  return markup`${clients.map(
    (action) =>
      markup`${scriptCode(action.script)} window.localActions[${scriptLiteral(action.sysId)}] =
      function () { ${scriptCode(action.onClick)} }; `,
  )}`
}

function missingRecord(context: FrontContext, visitor: Visitor, table: Table): Reply {
  return framePage(context, visitor, {
    title: 'Record not found',
    status: 404,
    main: markup`<section class="card narrow">
      <h1>Record not found</h1>
      <p>It does not exist, or you may not see it.</p>
      <p><a class="button" href="/${table.name}_list.do">${table.label}: list</a></p>
    </section>`,
  })
}
