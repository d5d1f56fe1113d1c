-- The steps of a payment. Each takes the payment's row lock first and looks again under it: in a
-- function every statement has a snapshot of its own, so it sees what the one before it waited for.
-- Whoever needs both rows locks the order before the payment.

-- Whether an order can still be paid, by the database's clock.
create function order_is_open(o orders) returns boolean language sql volatile as $$
  select o.status = 'created' and o.expires_at > clock_timestamp()
$$;

-- A buyer wants to pay. Double click, two tabs, two devices: under the order's lock the first starts
-- an attempt and the others join it, with the card of the first. The same request again, by its id, is told
-- what became of its attempt.
create function claim_payment(
  p_order uuid, p_user uuid, p_method text, p_currency text, p_traceparent text, p_write uuid,
  out outcome text, out payment payments
) language plpgsql as $$
declare
  known orders;
begin
  select * into known from orders where id = p_order for update;
  if known.user_id is null then
    outcome := 'unknown';
    return;
  elsif known.user_id <> p_user then
    outcome := 'foreign';
    return;
  end if;

  select * into payment from payments where order_id = p_order for update;
  if payment.last_write = p_write then
    outcome := 'claimed';
  elsif known.status = 'complete' or payment.status in ('succeeded', 'refunding') then
    outcome := 'paid';
  elsif known.status = 'cancelled' then
    outcome := 'closed';
  elsif payment.status = 'refunded' then
    outcome := 'paid';
  elsif not order_is_open(known) then
    outcome := 'closed';
  elsif payment.id is null then
    insert into payments (order_id, user_id, amount, currency, payment_method, next_check_at, traceparent,
                          last_write)
    values (p_order, p_user, known.price, p_currency, p_method, now() + interval '15 seconds', p_traceparent,
            p_write)
    returning * into payment;
    outcome := 'claimed';
  elsif payment.status = 'pending'
    or (payment.status = 'requires_action' and payment.payment_method = p_method) then
    update payments set next_check_at = now() + interval '15 seconds'
    where id = payment.id
    returning * into payment;
    outcome := 'claimed';
  else
    -- Another card. A PaymentIntent that was canceled takes no more money: a new one is needed.
    update payments
    set status = 'pending', attempt = attempt + 1, payment_method = p_method,
        stripe_id = case when status <> 'canceled' then stripe_id end,
        intent_attempt = case when status <> 'canceled' then intent_attempt end,
        client_secret = null, redirect_url = null, decline_kind = null, decline_message = null,
        next_check_at = now() + interval '15 seconds', checks = 0, traceparent = p_traceparent,
        last_write = p_write
    where id = payment.id
    returning * into payment;
    outcome := 'claimed';
  end if;
end $$;

-- The attempt has a PaymentIntent: the first one recorded is the one that is confirmed, for ever.
-- Create against cancel: an order that closed in the meantime is not charged any more.
create function record_intent(p_id uuid, p_attempt integer, p_stripe_id text)
returns payments language plpgsql as $$
declare
  payment payments;
  known orders;
begin
  select * into payment from payments where id = p_id for update;
  if payment.status = 'pending' and payment.attempt = p_attempt then
    select * into known from orders where id = payment.order_id;
    if order_is_open(known) then
      update payments
      set stripe_id = coalesce(stripe_id, p_stripe_id),
          intent_attempt = coalesce(intent_attempt, p_attempt)
      where id = p_id
      returning * into payment;
    else
      update payments
      set stripe_id = coalesce(stripe_id, p_stripe_id),
          intent_attempt = coalesce(intent_attempt, p_attempt),
          status = 'declined', decline_kind = 'order',
          decline_message = 'Cannot pay for a cancelled order', next_check_at = now(), checks = 0
      where id = p_id
      returning * into payment;
    end if;
  end if;
  return payment;
end $$;

create function announce_payment(p payments) returns void language sql as $$
  insert into outbox (type, subject, data, traceparent)
  values ('payment:created', p.id,
          jsonb_build_object('id', p.id, 'orderId', p.order_id, 'stripeId', p.stripe_id), p.traceparent)
$$;

-- Orders has refused the payment: the money goes back. Capture against refusal: each of the two calls
-- this after it has written its half, and the lock makes the later one see the earlier one's.
create function refund_if_refused(p_order uuid) returns void language plpgsql as $$
begin
  perform from payments where order_id = p_order for update;
  update payments p
  set status = 'refunding', refund_reason = 'order_cancelled', next_check_at = now(), checks = 0
  from orders o
  where p.order_id = p_order and p.status = 'succeeded'
    and o.id = p_order and o.status = 'cancelled' and o.cancelled_first < o.cancelled_last;
end $$;

-- The money is captured. True whichever attempt was made last and whatever else was recorded:
-- an intent that has succeeded stays so. The first to record it tells the others, in the same transaction.
create function record_success(p_id uuid, p_stripe_id text) returns payments language plpgsql as $$
declare
  payment payments;
begin
  update payments p
  set status = 'succeeded', stripe_id = p_stripe_id,
      client_secret = null, redirect_url = null, decline_kind = null, decline_message = null,
      next_check_at = case when not exists (select from orders o where o.id = p.order_id and o.status = 'complete')
                           then now() + interval '60 seconds' end,
      checks = 0
  where id = p_id and status not in ('succeeded', 'refunding', 'refunded')
    and coalesce(stripe_id, p_stripe_id) = p_stripe_id
  returning * into payment;
  if found then
    perform announce_payment(payment);
    perform refund_if_refused(payment.order_id);
  end if;
  select * into payment from payments where id = p_id;
  return payment;
end $$;

-- No answer of orders for a long time: told once more, under a new event id. Not so for a payment
-- whose refund has begun: orders must not complete an order whose money is on its way back.
create function announce_again(p_id uuid) returns boolean language plpgsql as $$
declare
  payment payments;
begin
  select * into payment from payments where id = p_id for update;
  if payment.status is distinct from 'succeeded' then
    return false;
  end if;
  if exists (select from orders where id = payment.order_id and status = 'complete') then
    update payments set next_check_at = null where id = p_id;
    return false;
  end if;
  perform announce_payment(payment);
  return true;
end $$;

-- The attempt failed. A late answer is about an older attempt, or comes after a newer word: ignored.
-- Without a PaymentIntent of its own (null) it counts only while none is recorded.
create function record_decline(p_id uuid, p_attempt integer, p_stripe_id text, p_kind text, p_message text)
returns payments language plpgsql as $$
declare
  payment payments;
begin
  update payments p
  set status = 'declined', decline_kind = p_kind, decline_message = p_message,
      client_secret = null, redirect_url = null, checks = 0,
      -- When the order closes unpaid, so must its PaymentIntent.
      next_check_at = (
        select case when o.status = 'cancelled' then now() else greatest(o.expires_at, now()) end
        from orders o where o.id = p.order_id and p.stripe_id is not null)
  where id = p_id and attempt = p_attempt and status in ('pending', 'requires_action')
    and stripe_id is not distinct from p_stripe_id;
  select * into payment from payments where id = p_id;
  return payment;
end $$;

-- The card's holder has to authenticate.
create function record_action(p_id uuid, p_attempt integer, p_client_secret text, p_redirect_url text)
returns payments language plpgsql as $$
declare
  payment payments;
begin
  update payments
  set status = 'requires_action', client_secret = p_client_secret, redirect_url = p_redirect_url,
      next_check_at = now() + interval '30 seconds', checks = 0
  where id = p_id and attempt = p_attempt and status = 'pending';
  select * into payment from payments where id = p_id;
  return payment;
end $$;

-- The PaymentIntent will take no money any more; or (null) there never was one to confirm.
create function record_cancellation(p_id uuid, p_stripe_id text) returns payments language plpgsql as $$
declare
  payment payments;
begin
  update payments
  set status = 'canceled', client_secret = null, redirect_url = null, next_check_at = null, checks = 0
  where id = p_id and status in ('pending', 'requires_action', 'declined')
    and stripe_id is not distinct from p_stripe_id;
  select * into payment from payments where id = p_id;
  return payment;
end $$;

-- The money is back, in full. The first to record it tells, in the same transaction.
create function record_refund(p_id uuid, p_reason text) returns payments language plpgsql as $$
declare
  payment payments;
begin
  update payments
  set status = 'refunded', refund_reason = coalesce(refund_reason, p_reason), amount_refunded = amount,
      client_secret = null, redirect_url = null, next_check_at = null, checks = 0
  where id = p_id and status <> 'refunded'
  returning * into payment;
  if found then
    insert into outbox (type, subject, data, traceparent)
    values ('payment:refunded', payment.id,
            jsonb_build_object('id', payment.id, 'orderId', payment.order_id,
                               'stripeId', payment.stripe_id, 'reason', payment.refund_reason),
            payment.traceparent);
  end if;
  select * into payment from payments where id = p_id;
  return payment;
end $$;
