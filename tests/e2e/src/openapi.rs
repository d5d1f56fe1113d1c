//! The OpenAPI document, and whether an answer is one that it announces.
use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Reply, repository};

/// components/client/openapi.json, ready to hold answers against it.
#[derive(Debug)]
pub struct OpenApi {
    document: Value,
    /// By the JSON pointer of the response.
    validators: BTreeMap<String, Validator>,
}

impl OpenApi {
    /// Reads the document of the repository.
    ///
    /// # Errors
    /// When it is missing or malformed.
    pub fn read() -> Result<Self> {
        let path = repository().join("components/client/openapi.json");
        let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let document: Value =
            serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))?;
        let mut openapi = Self {
            document,
            validators: BTreeMap::new(),
        };
        openapi.compile()?;
        Ok(openapi)
    }

    fn compile(&mut self) -> Result<()> {
        for (template, operations) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                    let response = self.resolve(response);
                    let Some(schema) = response.pointer("/content/application~1json/schema") else {
                        continue;
                    };
                    // The document's own definitions come along, so that references find them.
                    let schema =
                        json!({ "allOf": [schema], "components": self.document["components"] });
                    let validator = jsonschema::draft202012::options()
                        .should_validate_formats(true)
                        .build(&schema)
                        .map_err(|error| {
                            anyhow::anyhow!("{method} {template} {status}: {error}")
                        })?;
                    self.validators
                        .insert(key(method, template, status), validator);
                }
            }
        }
        Ok(())
    }

    /// The document itself.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix('#'));
        target
            .and_then(|pointer| self.document.pointer(pointer))
            .unwrap_or(value)
    }

    /// Fails the test when `reply` is not an answer that the document announces for its route.
    /// What the document does not know is held to the shape of errors only.
    #[track_caller]
    pub(crate) fn check(&self, method: &Method, path: &str, reply: &Reply) {
        if reply.status.is_client_error() || reply.status.is_server_error() {
            // A HEAD has headers and no body, whatever happened.
            if method != Method::HEAD {
                let _its_shape = reply.errors();
            }
        }
        let Some(template) = self.template(path) else {
            return;
        };
        let method = method.as_str().to_ascii_lowercase();
        let operation = &self.document["paths"][&template][&method];
        if operation.is_null() {
            return;
        }
        let (asked, status) = (&reply.asked, reply.status.as_str());
        let response = self.resolve(&operation["responses"][status]);
        assert!(
            !response.is_null(),
            "{asked}: {status} is not announced: {}",
            reply.text()
        );
        match self.validators.get(&key(&method, &template, status)) {
            Some(validator) => {
                let faults: Vec<_> = validator
                    .iter_errors(&reply.json())
                    .map(|error| format!("{}: {error}", error.instance_path))
                    .collect();
                assert!(
                    faults.is_empty(),
                    "{asked}: {status} {}: {faults:#?}",
                    reply.text()
                );
            }
            None => assert!(
                reply.body.is_empty(),
                "{asked}: {status} with a body: {}",
                reply.text()
            ),
        }
    }

    /// The path as the document writes it: `/api/tickets/{id}` for `/api/tickets/17`.
    fn template(&self, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object()?;
        if paths.contains_key(path) {
            return Some(path.to_owned());
        }
        let (folder, id) = path.rsplit_once('/')?;
        let template = format!("{folder}/{{id}}");
        (!id.is_empty() && paths.contains_key(&template)).then_some(template)
    }
}

fn key(method: &str, template: &str, status: &str) -> String {
    format!("{method} {template} {status}")
}
