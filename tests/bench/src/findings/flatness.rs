//! Whether requests cost the same however many tickets there are. Rows are made by SQL; a million sales would take an
//! hour.
use anyhow::Result;
use e2e::Endpoints;

use super::{Aim, Finding};
use crate::contest::Plan;
use crate::database::Database;
use crate::load::turn;
use crate::phases::{List, Order, Phase, Show, Tickets};
use crate::system::System;

const SIZES: [i64; 3] = [1_000, 100_000, 1_000_000];
/// Tickets from all over the table that are ordered, where there are as many.
const PICKED: i64 = 4_000;
/// Those of them that are looked at: as many at each size, as each of them is asked for anew once a second.
const LOOKED_AT: usize = 1_000;

/// How much of the rate that a small table allows is to be left with a large one.
const AIM: f64 = 1.0 / 1.3;

/// Fills the tables step by step and measures at each.
///
/// # Errors
/// When the databases cannot be filled, or a turn fails.
pub async fn measure(endpoints: &Endpoints, shop: &mut System, plan: Plan) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let mut small: Option<[f64; 3]> = None;
    for size in SIZES {
        eprintln!("filling up to {size} tickets");
        fill(endpoints, size).await?;
        shop.crowd.refresh().await?;
        let picked = pick(endpoints).await?;
        let crowd = &mut shop.crowd;
        let list = turn::<List>(crowd, &(), plan.duration).await?.rate();
        let some = picked.iter().take(LOOKED_AT).cloned().collect();
        let show = turn::<Show>(crowd, &some, plan.duration).await?.rate();
        let tickets = Tickets::known(picked);
        let order = turn::<Order>(crowd, &tickets, plan.duration).await?.rate();
        let rates = [list, show, order];
        let small = *small.get_or_insert(rates);
        for ((name, rate), small) in [List::NAME, Show::NAME, Order::NAME]
            .iter()
            .zip(rates)
            .zip(small)
        {
            let rate = Finding::new(format!("{name} at {size} tickets"), rate, "/s");
            found.push(rate.aim(Aim::AtLeast((small * AIM).floor())));
        }
    }
    Ok(found)
}

/// The same tickets in the database of tickets and in the copy that orders has: ids follow from numbers.
async fn fill(endpoints: &Endpoints, size: i64) -> Result<()> {
    const TICKETS: &str = "
        insert into tickets (id, title, price, user_id)
        select md5('seed ' || number)::uuid, 'Seat ' || number || ' ' || md5(number::text), 4250,
               '00000000-0000-4000-8000-000000000000'
        from generate_series(1, $1::bigint) number
        on conflict do nothing";
    const COPIES: &str = "
        insert into tickets (id, version, title, price)
        select md5('seed ' || number)::uuid, 0, 'Seat ' || number || ' ' || md5(number::text), 4250
        from generate_series(1, $1::bigint) number
        on conflict do nothing";
    for (service, statement) in [("orders", COPIES), ("tickets", TICKETS)] {
        let database = Database::open(endpoints, service).await?;
        database.run(statement, &[&size]).await?;
        database.run("vacuum analyze tickets", &[]).await?;
    }
    Ok(())
}

async fn pick(endpoints: &Endpoints) -> Result<Vec<String>> {
    const PICK: &str = "
        select id::text from tickets
        where order_id is null and deleted_at is null and user_id = '00000000-0000-4000-8000-000000000000'
        order by random() limit $1";
    let database = Database::open(endpoints, "tickets").await?;
    database.texts(PICK, &[&PICKED]).await
}
