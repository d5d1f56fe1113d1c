-- In PL/pgSQL a statement is planned once in a session; in SQL each time that the function is called.
create or replace function announce_payment(p payments) returns void language plpgsql as $$
begin
  insert into outbox (type, subject, data, traceparent)
  values ('payment:created', p.id,
          jsonb_build_object('id', p.id, 'orderId', p.order_id, 'stripeId', p.stripe_id), p.traceparent);
end $$;

-- As before. Most orders that end have no payment, which needs to be looked for once: a claim of one waits for the
-- order's row, and finds it closed.
create or replace function apply_order(
  p_event uuid, p_order uuid, p_version bigint, p_status text,
  p_user uuid, p_price bigint, p_expires_at timestamptz
) returns boolean language plpgsql as $$
declare
  is_new boolean;
  known orders;
begin
  insert into inbox (event_id) values (p_event) on conflict do nothing;
  is_new := found;

  insert into orders as o (id, user_id, price, expires_at, status, version, cancelled_first, cancelled_last)
  values (p_order, p_user, p_price, p_expires_at, p_status, p_version,
          case when p_status = 'cancelled' then p_version end,
          case when p_status = 'cancelled' then p_version end)
  on conflict (id) do update
    set user_id = coalesce(o.user_id, excluded.user_id),
        price = coalesce(o.price, excluded.price),
        expires_at = coalesce(o.expires_at, excluded.expires_at),
        status = case when excluded.version > o.version then excluded.status else o.status end,
        version = greatest(o.version, excluded.version),
        -- Nulls do not count here.
        cancelled_first = least(o.cancelled_first, excluded.cancelled_first),
        cancelled_last = greatest(o.cancelled_last, excluded.cancelled_last)
  returning * into known;

  if known.status = 'cancelled' then
    perform from payments where order_id = p_order for update;
    if found then
      -- Also when it comes again: the money may have been captured while the refusal was forgotten here.
      perform refund_if_refused(p_order);
      -- What is not captured must not be captured any more. An attempt that is being made is left to
      -- whoever makes it, and to the reconciler after that.
      if is_new then
        update payments set next_check_at = now(), checks = 0
        where order_id = p_order and status in ('requires_action', 'declined') and stripe_id is not null;
      end if;
    end if;
  elsif known.status = 'complete' then
    update payments set next_check_at = null
    where order_id = p_order and status = 'succeeded' and next_check_at is not null;
  end if;
  return is_new;
end $$;
