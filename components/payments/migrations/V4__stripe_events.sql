-- What Stripe tells of its own accord. Each answers whether the event is done with: false when the
-- payment that it names is not here yet, so that it is tried again. An event that names none of ours
-- (another application's, in the same Stripe account) is done with.

-- A PaymentIntent has succeeded: final, so it is recorded as it stands. Its metadata ties it to its
-- payment also when this database lost the intent's id, or the whole row.
create function reflect_success(
  p_stripe_id text, p_payment uuid, p_order uuid, p_amount bigint, p_currency text
) returns boolean language plpgsql as $$
declare
  found_id uuid;
begin
  select id into found_id from payments where stripe_id = p_stripe_id;
  if found_id is null then
    select id into found_id from payments where id = p_payment and stripe_id is null;
  end if;
  if found_id is null then
    insert into payments (id, order_id, user_id, amount, currency, payment_method, stripe_id)
    select p_payment, id, user_id, p_amount, p_currency, '', p_stripe_id
    from orders
    where id = p_order and user_id is not null and p_payment is not null
    on conflict do nothing
    returning id into found_id;
  end if;
  if found_id is null then
    return p_payment is null;
  end if;
  perform record_success(found_id, p_stripe_id);
  return true;
end $$;

-- An attempt has failed after its request was answered (3-D Secure). The event does not say which
-- attempt it is about, so the reconciler asks how things stand.
create function reflect_failure(p_stripe_id text, p_payment uuid) returns boolean language plpgsql as $$
begin
  update payments set next_check_at = now(), checks = 0
  where stripe_id = p_stripe_id and status = 'requires_action';
  return p_payment is null or exists (select from payments where stripe_id = p_stripe_id);
end $$;

-- A PaymentIntent was canceled: final as well, but only for the payment that still has this intent.
create function reflect_cancellation(p_stripe_id text, p_payment uuid) returns boolean language plpgsql as $$
declare
  found_id uuid;
begin
  select id into found_id from payments where stripe_id = p_stripe_id;
  if found_id is null then
    return p_payment is null or exists (select from payments where id = p_payment);
  end if;
  perform record_cancellation(found_id, p_stripe_id);
  return true;
end $$;

-- Money was given back, by us or from the dashboard, in part or in full.
create function reflect_refund(p_stripe_id text, p_payment uuid, p_amount bigint, p_full boolean)
returns boolean language plpgsql as $$
declare
  found_id uuid;
begin
  update payments set amount_refunded = greatest(amount_refunded, p_amount)
  where stripe_id = p_stripe_id
  returning id into found_id;
  if found_id is null then
    return p_payment is null;
  end if;
  if p_full then
    perform record_refund(found_id, 'refunded_at_stripe');
  end if;
  return true;
end $$;

-- The card's holder disputes the charge. People decide what to do about it; it is kept for them.
create function reflect_dispute(p_stripe_id text, p_reason text) returns boolean language plpgsql as $$
begin
  update payments
  set disputed_at = coalesce(disputed_at, now()), dispute_reason = coalesce(dispute_reason, p_reason)
  where stripe_id = p_stripe_id;
  return true;
end $$;
