//! The event schemas of docs/events, and events that they must not let through.
use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::repository;

/// A schema for each event type.
#[derive(Debug)]
pub struct Schemas(BTreeMap<String, (Value, Validator)>);

impl Schemas {
    /// Reads docs/events.
    ///
    /// # Errors
    /// When a schema is missing, malformed, or refers to nothing.
    pub fn read() -> Result<Self> {
        let folder = repository().join("docs/events");
        let mut schemas = BTreeMap::new();
        for entry in
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
        {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let Some(name) = name.strip_suffix(".schema.json") else {
                continue;
            };
            let schema: Value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("reading {}", path.display()))?;
            // References are relative to the file, as in every other tool that reads it.
            let mut located = schema.clone();
            located["$id"] = json!(format!("file://{}", path.display()));
            let validator = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&located)
                .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
            schemas.insert(name.to_owned(), (schema, validator));
        }
        Ok(Self(schemas))
    }

    /// The event types that have a schema, for example `ticket:created`.
    #[must_use]
    pub fn types(&self) -> Vec<String> {
        let all = self
            .0
            .values()
            .filter_map(|(schema, _)| schema.pointer("/properties/type/const"));
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Why `event` is not what its type promises; nothing when it is.
    #[must_use]
    pub fn faults(&self, event: &Value) -> Vec<String> {
        let kind = event["type"].as_str().unwrap_or_default();
        let Some((_, validator)) = self.0.get(&kind.replace(':', "-")) else {
            return vec![format!("no schema for events of type {kind:?}")];
        };
        validator
            .iter_errors(event)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect()
    }

    /// What an event of type `kind` must have: the envelope's fields with the data's inside.
    #[must_use]
    pub fn shape(&self, kind: &str) -> Value {
        let envelope = &self.0["cloudevents"].0;
        let data = &self.0[&kind.replace(':', "-")].0["properties"]["data"];
        json!({ "required": envelope["required"], "properties": { "data": data } })
    }
}

/// Every way to break `event` a little: a required field missing, a field of another type, a field
/// too many, at every depth. Each comes with a word on what was done.
#[must_use]
pub fn mutilations(event: &Value, shape: &Value) -> Vec<(String, Value)> {
    let Some(fields) = event.as_object() else {
        return Vec::new();
    };
    let mut broken = Vec::new();
    let required: Vec<&str> = shape["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, value) in fields {
        // The type decides which schema is asked, so it cannot be broken by itself.
        if name == "type" {
            continue;
        }
        if required.contains(&name.as_str()) {
            let mut without = fields.clone();
            without.remove(name);
            broken.push((format!("without {name}"), Value::Object(without)));
        }
        for wrong in of_another_type(value) {
            broken.push((format!("with {name} = {wrong}"), with(fields, name, wrong)));
        }
        for (what, inner) in mutilations(value, &shape["properties"][name]) {
            broken.push((format!("{name} {what}"), with(fields, name, inner)));
        }
    }
    broken.push((
        "with a surprise".to_owned(),
        with(fields, "surprise", json!(true)),
    ));
    broken
}

fn with(fields: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut changed = fields.clone();
    changed.insert(name.to_owned(), value);
    Value::Object(changed)
}

fn of_another_type(value: &Value) -> Vec<Value> {
    match value {
        Value::String(_) => vec![json!(17), json!(null), json!("")],
        Value::Number(_) => vec![json!("17"), json!(null), json!(-17)],
        Value::Object(_) => vec![json!([]), json!(null), json!("{}")],
        _ => vec![json!({})],
    }
}
