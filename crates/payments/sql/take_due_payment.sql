-- Several hosts look at once: each takes another payment, and moves it on before it works on it, which
-- is its lease. The pause doubles, up to 5 minutes, for an announcement up to an hour.
with due as (
  select id, order_id from payments
  where next_check_at <= now()
  order by next_check_at
  limit 1
  for update skip locked
)
update payments p
set checks = p.checks + 1,
    next_check_at = now() + case p.status
      when 'succeeded' then interval '60 seconds' * 2 ^ least(p.checks, 6)
      else interval '20 seconds' * 2 ^ least(p.checks, 4) end
from due left join orders o on o.id = due.order_id
where p.id = due.id
returning p.id, p.order_id, p.amount, p.currency, p.status, p.attempt, p.payment_method, p.stripe_id,
          p.intent_attempt, p.client_secret, p.redirect_url, p.decline_kind, p.decline_message,
          p.refund_attempt, p.checks, coalesce(order_is_open(o), false) as open
