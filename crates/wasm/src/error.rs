//! Converts values and errors between the core and JavaScript. No other module does this.

use clearpipe_core::config::{Config, ConfigError};
use clearpipe_core::pipeline::RunError;
use clearpipe_model::json_text;
use clearpipe_model::problem::Problem;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Converts a value to a plain JavaScript object.
///
/// # Errors
/// If its `Serialize` fails. The types that the engine returns never do.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(Into::into)
}

/// Reads a configuration from a JavaScript object. Missing settings have their defaults.
///
/// # Errors
/// An `Error` named `ConfigError`, with all problems.
pub fn config_from_js(config: JsValue) -> Result<Config, JsValue> {
    // Via JSON: serde-wasm-bindgen only looks up the fields that it knows, so a misspelt setting would go unnoticed.
    let json = js_sys::JSON::stringify(&config)?;
    let json = json_text::parse(&String::from(json))
        .map_err(|error| config_error(ConfigError { problems: vec![Problem::input("", error.to_string())] }))?;
    Config::from_json(json).map_err(config_error)
}

/// Creates an `Error` named `ConfigError`, with all problems.
pub fn config_error(error: ConfigError) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name("ConfigError");
    // Neither fails for an object that was just created.
    if let Ok(problems) = to_js(&error.problems) {
        let _ = js_sys::Reflect::set(&js, &"problems".into(), &problems);
    }
    js.into()
}

/// Creates an `Error` named after the failure: `ConfigError` or `RunError`.
pub fn run_error(error: RunError) -> JsValue {
    match error {
        RunError::Config(error) => config_error(error),
        error => named("RunError", &error.to_string()),
    }
}

/// Creates an `Error` with a name.
pub fn named(name: &str, message: &str) -> JsValue {
    let js = js_sys::Error::new(message);
    js.set_name(name);
    js.into()
}
