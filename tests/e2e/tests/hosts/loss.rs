//! One host of three is lost under load.
use std::time::{Duration, Instant};

use checker::Outage;
use e2e::Process;
use time::OffsetDateTime;

use crate::World;
use crate::crowd::Crowd;
use crate::report::Report;

e2e::trials!(a_killed_host_costs_errors_for_no_longer_than_it_takes_to_notice);

const PAIRS: u32 = 4;
/// Two looks of the balancer, a quarter of a second apart, and the time to make them on a busy machine.
const NOTICED: Duration = Duration::from_secs(2);

async fn a_killed_host_costs_errors_for_no_longer_than_it_takes_to_notice(world: World) {
    world
        .with(async |place| {
            let shop = place.shop().await;
            let before = place.is_whole().await;
            let crowd = Crowd::gathers(&shop, PAIRS).await;

            let up = place.lattice.pid().expect("up runs");
            let hosts: Vec<Process> = Process::children(up)
                .into_iter()
                .filter(|child| child.command.contains("wasmcloud_host"))
                .collect();
            assert_eq!(hosts.len(), before.len());
            let begin = OffsetDateTime::now_utc();
            let killed = Instant::now();
            hosts[1].kill();

            // Business goes on, long before the host is back.
            crowd.buys(2 * PAIRS).await;
            let went_on = killed.elapsed();
            assert_eq!(place.is_whole().await, before);
            let restored = killed.elapsed();
            crowd.buys(PAIRS).await;
            crowd.goes_home().await;
            place.journal.note(Outage {
                what: "a host killed".to_owned(),
                begin,
                end: OffsetDateTime::now_utc(),
            });

            let report = Report::of(&place.journal, begin);
            eprintln!(
                "a host killed: {report}\n{} purchases after {:.1} s; all three hosts as before after {:.1} s",
                2 * PAIRS,
                went_on.as_secs_f32(),
                restored.as_secs_f32()
            );
            assert!(
                report.failing <= NOTICED,
                "requests failed that were sent {:?} after the loss: {report}",
                report.failing
            );
            place.holds().await;
        })
        .await;
}
