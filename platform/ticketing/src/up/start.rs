//! The start, step by step; each step says what it does and waits until it is done.
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::Client;
use nkeys::KeyPair;
use url::Url;

use super::surroundings::Surroundings;
use super::{Host, Ready, Running, Started, for_wash, overrides, ready};
use crate::cli::Up;
use crate::data::Data;
use crate::database;
use crate::endpoints::Endpoints;
use crate::lattice::{self, Connections, Manifest, backend};
use crate::network::Network;
use crate::ports::Ports;
use crate::process::{Aftercare, Child, Leftovers, Program, Restart};
use crate::secrets::Secrets;
use crate::servers::{self, nats, postgres, stripe, wasmcloud};
use crate::services::HTTP;
use crate::settings::{Keys, Settings, Stripe};

/// A server on a busy machine; crash recovery of a large database included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts everything and tells what runs where, or with `--servers` how to go on.
///
/// # Errors
/// When a step fails; what was started is in `running`.
pub async fn all<'a>(
    arguments: &Up,
    settings: &Settings,
    root: &Path,
    data: &Data,
    leftovers: &Leftovers,
    running: &'a mut Running,
) -> Result<Ready<'a>> {
    if settings.fresh {
        eprintln!("dropping all data");
        data.clear()?;
    }
    if settings.hosts > 1 {
        eprintln!("making a network namespace for each host");
        running.network = Some(Network::create(settings.hosts, data).await?);
    }
    let secrets = Secrets::open(data, settings.hosts)?;
    let names = ["postgres", "nats", "stripe"]
        .into_iter()
        .chain(HTTP.iter().map(|(name, _)| *name));
    let ports = Ports::choose(data, settings.port, names)?;
    let shop = format!("http://{}", ports.address("ingress"));
    let start = |program, aftercare| Child::start(program, &data.logs(), leftovers, aftercare);

    let server = match &settings.database {
        Some(url) => url.clone(),
        None => {
            eprintln!("starting Postgres");
            let prepared = postgres::prepare(
                arguments.postgres_bin.as_deref(),
                data,
                ports.of("postgres"),
                secrets.password("postgres"),
                settings.hosts,
            )
            .await?;
            let child = start(prepared.program, None)?;
            let result = servers::until(&child, PATIENCE, || database::ping(&prepared.url)).await;
            running.servers.push(child);
            result?;
            prepared.url
        }
    };
    let nats = match &settings.nats {
        Some(address) => address.clone(),
        None => {
            eprintln!("starting NATS");
            let child = start(
                nats::program(arguments.nats_server.as_deref(), data, ports.of("nats"))?,
                None,
            )?;
            let result = servers::reachable(&child, &ports.address("nats"), PATIENCE).await;
            running.servers.push(child);
            result?;
            ports.address("nats")
        }
    };
    let client = lattice::connect(&nats).await?;
    eprintln!("starting the secrets backend");
    let keeper = start(servers::secrets::program(data, &nats)?, None)?;
    eprintln!("preparing databases");
    let prepared = database::prepare(&server, root, &secrets).await;
    let answers = || backend::answers(&client, &secrets);
    let answered = servers::until(&keeper, PATIENCE, answers).await;
    running.helpers.push(keeper);
    prepared?;
    answered?;
    if settings.nats.is_none() {
        lattice::wipe(&client).await?;
    }

    let (stripe_base, keys) = stripe_of(settings, &secrets, &ports)?;
    let around = match &running.network {
        None => Surroundings::of_one(&nats, &server, &stripe_base, &ports),
        Some(network) => Surroundings::of_several(network, &nats, &server, &stripe_base, &ports)?,
    };
    let overrides = overrides::of(settings, &ports, &around.ingress, &around.stripe, &keys);
    let manifest = Manifest::read(root, None, &overrides)?;
    endpoints(&shop, &around.doors, &nats, &server, settings, &ports).save(data)?;
    if matches!(settings.stripe, Stripe::Double(_)) {
        eprintln!("starting the Stripe double");
        let child = start(
            stripe::program(data, &ports.address("stripe"), &shop, &keys)?,
            None,
        )?;
        let result = servers::reachable(&child, &ports.address("stripe"), PATIENCE).await;
        running.helpers.push(child);
        result?;
    }
    let connections = Connections {
        database: &around.database,
        secrets: &secrets,
        stripe: &keys,
    };
    backend::put(&client, root, &connections).await?;
    if arguments.servers {
        lattice::put_config_in_time(&client, &connections)?;
        return for_wash::prepare(arguments, data, &nats, &manifest).map(Ready::Servers);
    }
    eprintln!(
        "starting wadm and {}",
        if settings.hosts == 1 {
            "the host".to_owned()
        } else {
            format!("{} hosts", settings.hosts)
        }
    );
    let wadm = start(wasmcloud::wadm(&nats)?, None)?;
    let wadm_ready = servers::until(&wadm, PATIENCE, || lattice::wadm_answers(&client)).await;
    let restart_wadm = wadm.restart();
    running.helpers.push(wadm);
    wadm_ready?;
    let mut ids = Vec::new();
    for number in 0..settings.hosts {
        let seed = secrets.host_seed(number);
        ids.push(host_id(seed)?);
        let program = host(number, data, &around.nats, seed, running.network.as_ref())?;
        let child = start(program, Some(announce_end(&client, seed, &restart_wadm)?))?;
        running.hosts.push(child);
    }

    eprintln!("deploying the application");
    let first = running.hosts.first().context("no host")?;
    servers::until(first, PATIENCE, || {
        lattice::put_config(&client, &connections)
    })
    .await?;
    lattice::put_links(&client, &manifest).await?;
    lattice::deploy(&client, &manifest).await?;
    if let Some(network) = &running.network {
        let balancer = network.balance(&ports.address("ingress"), ports.of("ingress"))?;
        running.balancer = Some(balancer);
    }
    let mut origins = around.doors;
    origins.push(shop.clone());
    let nudge = ready::Nudge {
        client: &client,
        hosts: &ids,
        wadm: &restart_wadm,
    };
    ready::wait(&origins, running, &nudge).await?;
    let hosts = ids.into_iter().zip(origins);
    Ok(Ready::Shop(Started {
        running,
        shop,
        hosts: hosts.map(|(id, origin)| Host { id, origin }).collect(),
        client,
        wadm: restart_wadm,
    }))
}

/// A host's program: alone as it is, one of several in its namespace and with a folder of its own to unpack providers in.
fn host(
    number: usize,
    data: &Data,
    nats: &str,
    seed: &str,
    network: Option<&Network>,
) -> Result<Program> {
    let Some(network) = network else {
        return wasmcloud::host(number, &data.temporary(), nats, seed);
    };
    let folder = data.temporary().join(wasmcloud::host_name(number));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let program = wasmcloud::host(number, &folder, nats, seed)?;
    Ok(program.through(network.enter(number)))
}

/// Tells wadm that a killed host is gone, since the host could not, and starts wadm anew: it waits up to a minute for
/// what it has asked the killed host to do before it asks again, and remembers that in memory alone.
fn announce_end(client: &Client, seed: &str, wadm: &Restart) -> Result<Aftercare> {
    let id = host_id(seed)?;
    let (client, wadm) = (client.clone(), wadm.clone());
    Ok(Arc::new(move || {
        let (client, id, wadm) = (client.clone(), id.clone(), wadm.clone());
        Box::pin(async move {
            lattice::host_stopped(&client, &id).await;
            wadm.ask();
        })
    }))
}

fn host_id(seed: &str) -> Result<String> {
    let key = KeyPair::from_seed(seed).context("a host's seed in secrets.json is damaged")?;
    Ok(key.public_key())
}

/// Stripe's address and the keys for it.
fn stripe_of(settings: &Settings, secrets: &Secrets, ports: &Ports) -> Result<(Url, Keys)> {
    Ok(match &settings.stripe {
        Stripe::Double(given) => {
            let base = Url::parse(&format!("http://{}", ports.address("stripe")))
                .context("the double's address")?;
            (base, secrets.stripe(given))
        }
        Stripe::Real { api_base, keys } => (api_base.clone(), keys.clone()),
    })
}

fn endpoints(
    shop: &str,
    doors: &[String],
    nats: &str,
    server: &Url,
    settings: &Settings,
    ports: &Ports,
) -> Endpoints {
    let double = matches!(settings.stripe, Stripe::Double(_))
        .then(|| format!("http://{}", ports.address("stripe")));
    Endpoints {
        http: shop.to_owned(),
        hosts: doors.to_vec(),
        nats: nats.to_owned(),
        postgres: server.to_string(),
        stripe_control: double.as_ref().map(|base| format!("{base}/_control")),
        stripe: double,
    }
}
