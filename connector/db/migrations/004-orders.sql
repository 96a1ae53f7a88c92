-- How an order came: looked up when its approval is given and nothing fulfils it.
create index event_order_created on event (ticket_key)
  where type = 'ticket.created' and ticket_key like '%|sc_req_item|%';
