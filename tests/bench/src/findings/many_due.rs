//! How late the last of very many orders is cancelled that run out within a minute. Rows are made by SQL; so many
//! reservations would take several minutes, and the first would have run out before the last is made.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use e2e::Endpoints;

use super::wait::until;
use super::{Aim, Finding};
use crate::database::Database;

const ORDERS: i64 = 100_000;
/// The first runs out after this long, when all rows are there.
const FIRST_DUE_AFTER: Duration = Duration::from_secs(30);
const ALL_DUE_WITHIN: Duration = Duration::from_secs(60);
/// If the system does not get through by then, it never will.
const GIVE_UP_AFTER: Duration = Duration::from_secs(900);
/// The contract's promise.
const PROMISE_SECONDS: f64 = 2.0;

/// The ids of order and ticket follow from numbers; `$1` of them, `$2` seconds until the first runs out, and `$3` between the
/// first and the last.
const TICKETS: &str = "
    insert into tickets (id, title, price, user_id, order_id)
    select md5('due ticket ' || number)::uuid, 'Held seat ' || number, 4250,
           '00000000-0000-4000-8000-000000000000', md5('due order ' || number)::uuid
    from generate_series(1, $1::bigint) number";
const TICKET_ORDERS: &str = "
    insert into ticket_orders (order_id, ticket_id, version, status)
    select md5('due order ' || number)::uuid, md5('due ticket ' || number)::uuid, 0, 'created'
    from generate_series(1, $1::bigint) number";
const COPIES: &str = "
    insert into tickets (id, version, title, price)
    select md5('due ticket ' || number)::uuid, 0, 'Held seat ' || number, 4250
    from generate_series(1, $1::bigint) number";
const RESERVATIONS: &str = "
    insert into orders (id, user_id, expires_at, ticket_id, title, price)
    select md5('due order ' || number)::uuid, '00000000-0000-4000-8000-000000000001',
           now() + ($2::float8 + $3::float8 * number / $1::bigint) * interval '1 second',
           md5('due ticket ' || number)::uuid, 'Held seat ' || number, 4250
    from generate_series(1, $1::bigint) number";
const DEADLINES: &str = "
    insert into deadlines (order_id, expires_at)
    select md5('due order ' || number)::uuid,
           now() + ($2::float8 + $3::float8 * number / $1::bigint) * interval '1 second'
    from generate_series(1, $1::bigint) number";
/// Of every hundredth order, as to look at all of them would be much of what is measured: how many are not cancelled yet,
/// and for how many seconds the first of them should have been.
const LEFT: &str = "
    select count(*) || ' ' || coalesce(extract(epoch from now() - min(expires_at)), 0)
    from generate_series(100, $1::bigint, 100) number
    join orders on id = md5('due order ' || number)::uuid and status = 'created'";
const ALL_LEFT: &str = "
    select count(*)::text from orders
    where user_id = '00000000-0000-4000-8000-000000000001' and status = 'created'";

/// Makes the orders and watches them being cancelled.
///
/// # Errors
/// When the rows cannot be made, or orders are left.
pub async fn measure(endpoints: &Endpoints) -> Result<Vec<Finding>> {
    eprintln!("making {ORDERS} orders that run out within a minute");
    let tickets = Database::open(endpoints, "tickets").await?;
    tickets.run(TICKETS, &[&ORDERS]).await?;
    tickets.run(TICKET_ORDERS, &[&ORDERS]).await?;
    let orders = Database::open(endpoints, "orders").await?;
    orders.run(COPIES, &[&ORDERS]).await?;
    let begin = Instant::now();
    let (first, span) = (FIRST_DUE_AFTER.as_secs_f64(), ALL_DUE_WITHIN.as_secs_f64());
    orders.run(RESERVATIONS, &[&ORDERS, &first, &span]).await?;
    let expiration = Database::open(endpoints, "expiration").await?;
    let first = first - begin.elapsed().as_secs_f64();
    expiration.run(DEADLINES, &[&ORDERS, &first, &span]).await?;
    ensure!(
        begin.elapsed() < FIRST_DUE_AFTER,
        "making the orders took longer than {FIRST_DUE_AFTER:?}"
    );
    let mut latest: f64 = 0.0;
    until(
        "every hundredth order is cancelled",
        GIVE_UP_AFTER,
        async || {
            let (left, late_by) = look(&orders).await?;
            latest = latest.max(late_by);
            Ok(left == 0)
        },
    )
    .await?;
    until("all orders are cancelled", GIVE_UP_AFTER, async || {
        orders.counts_none(ALL_LEFT).await
    })
    .await?;
    let took = (begin.elapsed() - FIRST_DUE_AFTER).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let rate = ORDERS as f64 / took;
    let name = format!("{ORDERS} orders run out within {span} s");
    Ok(vec![
        Finding::new(
            format!("{name}: the latest is cancelled after"),
            latest,
            "s",
        )
        .aim(Aim::AtMost(PROMISE_SECONDS)),
        Finding::new(format!("{name}: cancelled"), rate, "/s"),
    ])
}

/// How many orders of the sample are left, and how late the first of them is, in seconds.
async fn look(orders: &Database) -> Result<(u64, f64)> {
    let row = orders.texts(LEFT, &[&ORDERS]).await?;
    let text = row.first().context("no row")?;
    let (left, late_by) = text.split_once(' ').context("no two numbers")?;
    Ok((left.parse()?, late_by.parse::<f64>()?.max(0.0)))
}
