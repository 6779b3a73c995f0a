//! Methods by name and their parameters, as model files give them.

use serde::de::DeserializeOwned;

use crate::method::{Flaw, Params};

/// The parameters of `method` as its own type, which refuses unknown fields.
///
/// # Errors
/// A [`Flaw`] that names the method and what does not fit.
pub fn parse<T: DeserializeOwned>(method: &str, params: &Params) -> Result<T, Flaw> {
    toml::Value::Table(params.clone()).try_into().map_err(|e: toml::de::Error| {
        let what = e.message().trim().replace('\n', " ");
        Flaw::new(
            format!("method \"{method}\" does not take its parameters: {what}"),
            "correct or remove the parameter",
        )
    })
}

/// Refuses any parameter, for a method that has none.
///
/// # Errors
/// A [`Flaw`] that names the first parameter.
pub fn none(method: &str, params: &Params) -> Result<(), Flaw> {
    match params.keys().next() {
        Some(key) => {
            Err(Flaw::new(format!("method \"{method}\" has no parameter \"{key}\""), "remove it"))
        }
        None => Ok(()),
    }
}

/// The entry of that name in a registry of methods.
///
/// # Errors
/// A [`Flaw`] that lists the names of the registry; `kind` is the sort of method, for the message.
pub fn choose<T: Copy>(kind: &str, name: &str, methods: &[(&str, T)]) -> Result<T, Flaw> {
    methods.iter().find(|(n, _)| *n == name).map(|(_, make)| *make).ok_or_else(|| {
        let names: Vec<&str> = methods.iter().map(|(n, _)| *n).collect();
        Flaw::new(
            format!("there is no {kind} \"{name}\""),
            format!("take one of {}", names.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Power {
        p: f64,
    }

    #[test]
    fn a_misspelt_parameter_is_named() {
        let params: Params = toml::from_str("q = 2.0").unwrap();
        let flaw = parse::<Power>("power", &params).unwrap_err();
        assert!(flaw.what.contains("power") && flaw.what.contains('q'), "{flaw}");
        assert_eq!(parse::<Power>("power", &toml::from_str("p = 2.0").unwrap()).unwrap().p, 2.0);
        assert!(none("minimum", &params).is_err());
    }

    #[test]
    fn an_unknown_method_is_answered_with_the_known_ones() {
        assert_eq!(choose("letter", "b", &[("a", 1), ("b", 2)]), Ok(2));
        assert_eq!(
            choose("letter", "c", &[("a", 1), ("b", 2)]).unwrap_err().fix,
            "take one of a, b"
        );
    }
}
