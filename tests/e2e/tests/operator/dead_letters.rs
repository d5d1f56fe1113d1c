//! Events that could not be handled: looked at, handled after all, or dropped.
use e2e::{Message, Operator, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::World;

e2e::trials!(
    a_poison_event_is_listed_and_shown_while_others_go_on,
    once_its_cause_is_mended_a_replayed_event_is_handled_once,
    a_replay_that_was_interrupted_publishes_the_event_once,
    all_at_once_are_replayed_and_those_that_fail_again_come_back,
    what_never_was_an_event_cannot_be_replayed_and_can_be_dropped,
    dropped_letters_are_gone,
    a_running_up_is_found_by_its_data_folder,
    what_is_wrong_is_said_in_one_line,
);

/// An event that orders can never handle, about the aggregate `subject`.
fn poison(subject: &str) -> Value {
    json!({
        "specversion": "1.0", "id": Uuid::new_v4(), "source": "/ticketing/tickets", "type": "ticket:created",
        "subject": subject, "time": "2026-01-01T00:00:00Z", "datacontenttype": "application/json", "data": {},
    })
}

/// Puts a poison event on the stream and waits until it is given up. Gives the event and its letter's number.
async fn poisoned(world: &World) -> (Value, String) {
    let subject = Uuid::new_v4().to_string();
    let event = poison(&subject);
    let shop = world.shop().await;
    shop.events()
        .inject("ticketing.ticket.created", &event.to_string())
        .await;
    let number = letter_about(&world.operator().await, &subject).await;
    (event, number)
}

/// The lines of the list that name `subject`, without the head.
async fn lines_about(operator: &Operator, subject: &str) -> Vec<String> {
    let list = operator.does(&["dead-letters", "list"]).await;
    let lines = list.lines().filter(|line| line.contains(subject));
    lines.map(str::to_owned).collect()
}

fn number_of(line: &str) -> String {
    line.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Waits for a letter about `subject`. Gives its number.
async fn letter_about(operator: &Operator, subject: &str) -> String {
    eventually(format!("a dead letter about {subject}"), async || {
        let lines = lines_about(operator, subject).await;
        lines.first().map(|line| number_of(line))
    })
    .await
}

async fn a_poison_event_is_listed_and_shown_while_others_go_on(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let (event, number) = poisoned(&world).await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let order = buyer
        .orders(&seller.sells("Behind the rubble", 12.0).await)
        .await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;

    let list = operator.does(&["dead-letters", "list"]).await;
    let line = list.lines().find(|line| number_of(line) == number);
    let line = line.unwrap_or_else(|| panic!("{number} is not in {list}"));
    for column in ["ticket:created", "orders", "permanent: malformed event"] {
        assert!(line.contains(column), "{column} is not in {line}");
    }
    let all = operator.does(&["dead-letters", "show", &number]).await;
    let (facts, shown) = all.split_once("\n\n").expect("facts, and the event");
    for fact in [
        "because",
        "permanent: malformed event",
        "ticketing.ticket.created",
        "of TICKETING",
    ] {
        assert!(facts.contains(fact), "{fact} is not in {facts}");
    }
    let shown: Value = serde_json::from_str(shown).expect("the event as JSON");
    assert_eq!(shown, event);
}

/// A bug in payments, as a migration might bring one: it cannot take an order at this price.
const BUG: &str = "
    create function refuse_it() returns trigger language plpgsql as $$
    begin
      raise exception 'no order can cost that' using errcode = '22023';
    end $$;
    create trigger refuse_it before insert on orders for each row when (new.price = 6661) execute function refuse_it()";
const MEND: &str = "drop trigger refuse_it on orders; drop function refuse_it()";

async fn once_its_cause_is_mended_a_replayed_event_is_handled_once(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let (seller, buyer) = (shop.person().await, shop.person().await);
    world.administers("payments", BUG).await;
    let ticket = seller.sells("The number of the beast", 66.61).await;
    let order = buyer.orders(&ticket).await;
    let id = order["id"].as_str().unwrap_or_default();
    let number = letter_about(&operator, id).await;
    let wish = json!({ "orderId": id, "token": "pm_card_visa" });
    buyer.post("/api/payments", &wish).await.is(404);
    let reserved = seller.sees_reserved(&ticket).await;
    world.administers("payments", MEND).await;

    let said = operator.does(&["dead-letters", "replay", &number]).await;
    assert!(said.contains("replayed"), "{said}");
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
    assert_eq!(lines_about(&operator, id).await, [""; 0]);
    // Those that had handled it were given it again, and did nothing.
    shop.events().catch_up().await;
    assert_eq!(shop.events().about("order:created", &order["id"]).len(), 2);
    assert_eq!(
        shop.events().about("payment:created", &order["id"]).len(),
        0
    );
    let about_ticket = shop.events().about("ticket:updated", &ticket["id"]);
    assert_eq!(about_ticket.len(), 1, "{about_ticket:#?}");
    assert_eq!(seller.sees_reserved(&ticket).await, reserved);
    let again = operator
        .is_refused(&["dead-letters", "replay", &number])
        .await;
    assert!(
        again.contains(&format!("no dead letter {number}")),
        "{again}"
    );
}

async fn a_replay_that_was_interrupted_publishes_the_event_once(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let (event, number) = poisoned(&world).await;
    let subject = event["subject"].as_str().unwrap_or_default();
    let facts = operator.does(&["dead-letters", "show", &number]).await;
    let place = facts.lines().find_map(|line| line.strip_prefix("event"));
    let place = place.and_then(|text| text.split_whitespace().nth(1));
    let place = place.unwrap_or_else(|| panic!("no place in {facts}"));
    // As far as an interrupted replay has come: published, and not removed.
    let replayed = Message {
        id: Some(format!("replay:orders:{place}")),
        subject: "ticketing.ticket.created".to_owned(),
        body: event.to_string(),
    };
    shop.events().publish(vec![replayed]).await;
    let failed_again = eventually("the event to be given up again", async || {
        let lines = lines_about(&operator, subject).await;
        (lines.len() == 2).then_some(lines)
    })
    .await;

    let said = operator.does(&["dead-letters", "replay", &number]).await;
    assert!(said.contains("already"), "{said}");
    shop.events().catch_up().await;
    let published = shop.events().about("ticket:created", &event["subject"]);
    assert_eq!(published.len(), 2, "{published:#?}");
    let left = lines_about(&operator, subject).await;
    assert_eq!(left, failed_again[1..]);
}

async fn all_at_once_are_replayed_and_those_that_fail_again_come_back(world: World) {
    let operator = world.operator().await;
    operator.does(&["dead-letters", "drop", "--all"]).await;
    let (event, number) = poisoned(&world).await;
    let (other, other_number) = poisoned(&world).await;
    let said = operator.does(&["dead-letters", "replay", "--all"]).await;
    assert_eq!(said.lines().count(), 2, "{said}");
    for (event, number) in [(event, number), (other, other_number)] {
        let subject = event["subject"].as_str().unwrap_or_default();
        let again = letter_about(&operator, subject).await;
        assert_ne!(again, number);
    }
}

async fn what_never_was_an_event_cannot_be_replayed_and_can_be_dropped(world: World) {
    let operator = world.operator().await;
    let subject = Uuid::new_v4().to_string();
    let row =
        format!("insert into outbox (type, subject, data) values ('No Type', '{subject}', '{{}}')");
    world.administers("tickets", &row).await;
    let number = letter_about(&operator, &subject).await;
    let said = operator
        .is_refused(&["dead-letters", "replay", &number])
        .await;
    assert!(said.contains("before it was an event"), "{said}");
    operator.does(&["dead-letters", "drop", &number]).await;
    assert_eq!(lines_about(&operator, &subject).await, [""; 0]);
}

async fn dropped_letters_are_gone(world: World) {
    let operator = world.operator().await;
    let (_, number) = poisoned(&world).await;
    poisoned(&world).await;
    let said = operator.does(&["dead-letters", "drop", &number]).await;
    assert!(
        said.contains(&format!("dropped dead letter {number}")),
        "{said}"
    );
    operator
        .is_refused(&["dead-letters", "show", &number])
        .await;
    operator.does(&["dead-letters", "drop", "--all"]).await;
    let list = operator.does(&["dead-letters", "list"]).await;
    assert_eq!(list.trim(), "there are no dead letters");
}

async fn a_running_up_is_found_by_its_data_folder(world: World) {
    let (_, number) = poisoned(&world).await;
    let data = world.data().await;
    let operator = Operator::at(None);
    let data = data.to_str().expect("a path of letters");
    let list = operator
        .does(&["dead-letters", "list", "--data-dir", data])
        .await;
    assert!(list.lines().any(|line| number_of(line) == number), "{list}");
}

async fn what_is_wrong_is_said_in_one_line(world: World) {
    let nowhere = Operator::at(None)
        .is_refused(&["dead-letters", "list"])
        .await;
    assert!(nowhere.contains("NATS_URL is not set"), "{nowhere}");
    let unreachable = Operator::at(Some("127.0.0.1:1"));
    let unreachable = unreachable.is_refused(&["dead-letters", "list"]).await;
    assert!(unreachable.contains("127.0.0.1:1"), "{unreachable}");
    let operator = world.operator().await;
    let unknown = operator
        .is_refused(&["dead-letters", "show", "999999"])
        .await;
    assert!(unknown.contains("no dead letter 999999"), "{unknown}");
    let no_number = operator
        .is_refused(&["dead-letters", "drop", "first"])
        .await;
    assert!(no_number.contains("first"), "{no_number}");
    operator.is_refused(&["dead-letters", "drop"]).await;
    operator
        .is_refused(&["dead-letters", "drop", "1", "--all"])
        .await;
}
