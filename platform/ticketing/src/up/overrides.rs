//! Where this installation departs from the manifest: ports that are free here, and the operator's settings.
use url::Url;

use crate::lattice::Overrides;
use crate::ports::Ports;
use crate::services::HTTP;
use crate::settings::{Keys, Settings};

/// The properties to set, by configuration: `ingress` is where a host's door is, `stripe` where hosts find Stripe.
pub fn of(
    settings: &Settings,
    ports: &Ports,
    ingress: &str,
    stripe: &Url,
    keys: &Keys,
) -> Overrides {
    let mut overrides = Overrides::new();
    let mut set = |config: String, property: &str, value: String| {
        overrides
            .entry(config)
            .or_default()
            .insert(property.to_owned(), value);
    };
    for (component, _) in HTTP {
        set(
            format!("address-{component}"),
            "address",
            ports.address(component),
        );
    }
    let (mut routes, mut unrouted) = (Vec::new(), Vec::new());
    for (component, prefix) in HTTP {
        let address = ports.address(component);
        match prefix {
            Some(prefix) => routes.push(format!("{prefix}={address}")),
            None => unrouted.push(format!("{component}={address}")),
        }
    }
    set("ingress".to_owned(), "routes", routes.join(","));
    set("ingress".to_owned(), "health_upstreams", unrouted.join(","));
    set("ingress".to_owned(), "address", ingress.to_owned());
    let seconds = settings.order_expiration_seconds.to_string();
    set("orders".to_owned(), "ORDER_EXPIRATION_SECONDS", seconds);
    set("payments".to_owned(), "CURRENCY", settings.currency.clone());
    // Payments calls it; the client's pages depend on whether it is Stripe itself.
    for component in ["payments", "client"] {
        set(
            component.to_owned(),
            "STRIPE_API_BASE",
            stripe.as_str().trim_end_matches('/').to_owned(),
        );
    }
    set("client".to_owned(), "CURRENCY", settings.currency.clone());
    set(
        "client".to_owned(),
        "STRIPE_PUBLISHABLE_KEY",
        keys.publishable.clone(),
    );
    overrides
}
