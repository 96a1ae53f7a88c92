// Rules on tickets. A scoped app may only have async ones on tables of another scope, and these know no
// previous values in the script, so what changed is said in the filter condition.
// Writes of the integration user (our own status updates) never fire: condition and module both check.
import '@servicenow/sdk/global'
import { BusinessRule } from '@servicenow/sdk/core'

import { onTicketClosed, onTicketCreated, onTicketUpdated } from '../server/ticket-rules.ts'

BusinessRule({
  $id: Now.ID['incident-created'],
  name: 'Ticket Automation: incident created',
  table: 'incident',
  when: 'async',
  action: ['insert'],
  order: 1000,
  active: true,
  filterCondition: 'active=true',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketCreated,
})

BusinessRule({
  $id: Now.ID['incident-updated'],
  name: 'Ticket Automation: incident updated',
  table: 'incident',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  filterCondition:
    'active=true^short_descriptionVALCHANGES^ORdescriptionVALCHANGES^ORstateVALCHANGES^ORcategoryVALCHANGES^ORsubcategoryVALCHANGES^ORpriorityVALCHANGES^ORimpactVALCHANGES^ORurgencyVALCHANGES^ORassignment_groupVALCHANGES^ORassigned_toVALCHANGES^ORcaller_idVALCHANGES^ORcmdb_ciVALCHANGES^ORbusiness_serviceVALCHANGES^ORapprovalVALCHANGES',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketUpdated,
})

BusinessRule({
  $id: Now.ID['incident-closed'],
  name: 'Ticket Automation: incident closed',
  table: 'incident',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  // Closed and cancelled make an incident inactive; Resolved does not and is an update.
  filterCondition: 'activeCHANGESTOfalse',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketClosed,
})

BusinessRule({
  $id: Now.ID['change-created'],
  name: 'Ticket Automation: change created',
  table: 'change_request',
  when: 'async',
  action: ['insert'],
  order: 1000,
  active: true,
  filterCondition: 'active=true',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketCreated,
})

BusinessRule({
  $id: Now.ID['change-updated'],
  name: 'Ticket Automation: change updated',
  table: 'change_request',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  filterCondition:
    'active=true^short_descriptionVALCHANGES^ORdescriptionVALCHANGES^ORstateVALCHANGES^ORtypeVALCHANGES^ORcategoryVALCHANGES^ORriskVALCHANGES^ORimpactVALCHANGES^ORpriorityVALCHANGES^ORapprovalVALCHANGES^ORstart_dateVALCHANGES^ORend_dateVALCHANGES^ORon_holdVALCHANGES^ORchg_modelVALCHANGES^ORconflict_statusVALCHANGES^ORrequested_byVALCHANGES^ORassignment_groupVALCHANGES^ORassigned_toVALCHANGES^ORcmdb_ciVALCHANGES^ORbusiness_serviceVALCHANGES',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketUpdated,
})

BusinessRule({
  $id: Now.ID['change-closed'],
  name: 'Ticket Automation: change closed',
  table: 'change_request',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  filterCondition: 'activeCHANGESTOfalse',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketClosed,
})

BusinessRule({
  $id: Now.ID['item-created'],
  name: 'Ticket Automation: requested item created',
  table: 'sc_req_item',
  when: 'async',
  action: ['insert'],
  order: 1000,
  active: true,
  // The answers are stored before the item is; what comes after it, its request, the sender waits for.
  filterCondition: 'active=true',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketCreated,
})

BusinessRule({
  $id: Now.ID['item-updated'],
  name: 'Ticket Automation: requested item updated',
  table: 'sc_req_item',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  filterCondition:
    'active=true^short_descriptionVALCHANGES^ORdescriptionVALCHANGES^ORstateVALCHANGES^ORapprovalVALCHANGES^ORcat_itemVALCHANGES^ORquantityVALCHANGES^ORrequested_forVALCHANGES^ORrequestVALCHANGES^ORassignment_groupVALCHANGES^ORassigned_toVALCHANGES^ORcmdb_ciVALCHANGES^ORbusiness_serviceVALCHANGES',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketUpdated,
})

BusinessRule({
  $id: Now.ID['item-closed'],
  name: 'Ticket Automation: requested item closed',
  table: 'sc_req_item',
  when: 'async',
  action: ['update'],
  order: 1000,
  active: true,
  filterCondition: 'activeCHANGESTOfalse',
  condition: "gs.getUserName() != gs.getProperty('x_snc_ticket_auto.integration_user')",
  script: onTicketClosed,
})
