//! Handler selection: which handler serves a request under the effective configuration.

use super::scopes::{EffectiveConfig, Handler};
use super::server::Pool;
use crate::model::Disposition;
use crate::model::server_path::{fold, same_name};

/// Longest pattern that is compared; IIS itself takes no longer URL.
const MAX_PATTERN: usize = 2_048;
/// Methods beside GET and POST that are tried, of those that handlers name.
const MAX_METHODS: usize = 8;

/// What becomes of a request for a file. `url` is its URL path, from `/`; `pool` the pool it runs in, where it is known.
///
/// A page that answers to any method runs: GET and POST are asked first, then the methods that handlers name.
pub fn runs(effective: &EffectiveConfig, url: &str, pool: Option<&Pool>) -> Disposition {
    if let Some(uncertainty) = &effective.uncertainty {
        return Disposition::Unknown(uncertainty.clone());
    }
    if !effective.has_handlers {
        return Disposition::Unknown("the configuration that was read contains no handlers".to_owned());
    }
    let url = fold(url);
    if let Some(why) = filtered(effective, &url) {
        return Disposition::Refused(why);
    }
    let fitting: Vec<&Handler> =
        effective.handlers.iter().map(|handler| &**handler).filter(|handler| takes(handler, &url)).collect();
    // Where the pool's kind is not known, a condition may hold or not: sure is what comes out the same either way.
    let (met, unmet) = (winner(effective, &fitting, &url, pool, true), winner(effective, &fitting, &url, pool, false));
    if met == unmet {
        return met;
    }
    Disposition::Unknown("the configuration does not specify the .NET version of the pool".to_owned())
}

/// Why a request filter denies a URL, folded.
fn filtered(effective: &EffectiveConfig, url: &str) -> Option<String> {
    if let Some(segment) = url.split('/').find(|segment| effective.segments.contains(*segment)) {
        return Some(format!("request filtering hides \"{segment}\""));
    }
    if let Some(sequence) = effective.sequences.iter().find(|sequence| url.contains(sequence.as_str())) {
        return Some(format!("request filtering denies URLs with \"{sequence}\""));
    }
    let name = url.rsplit('/').next().unwrap_or_default();
    let extension = name.rfind('.').map_or(".", |at| &name[at..]);
    match effective.extensions.get(extension) {
        Some(true) => None,
        Some(false) => Some(format!("request filtering denies {extension}")),
        None if effective.refuses_unlisted => Some(format!("request filtering does not allow {extension}")),
        None => None,
    }
}

fn winner(
    effective: &EffectiveConfig,
    fitting: &[&Handler],
    url: &str,
    pool: Option<&Pool>,
    unknown: bool,
) -> Disposition {
    let fitting: Vec<&Handler> =
        fitting.iter().copied().filter(|handler| condition_holds(handler, pool, unknown)).collect();
    let named = fitting.iter().flat_map(|handler| methods(&handler.verb)).filter(|verb| *verb != "*");
    let mut verbs = vec!["GET", "POST"];
    for verb in named {
        if verbs.len() < MAX_METHODS && !verbs.iter().any(|known| same_name(known, verb)) {
            verbs.push(verb);
        }
    }
    let mut first = None;
    for verb in verbs {
        let handler =
            fitting.iter().find(|handler| methods(&handler.verb).any(|own| own == "*" || same_name(own, verb)));
        let runs = match handler {
            Some(handler) => outcome(effective, handler, url),
            None => Disposition::Refused(format!("no handler accepts {verb} for it")),
        };
        if matches!(runs, Disposition::By(_)) {
            return runs;
        }
        first.get_or_insert(runs);
    }
    first.unwrap_or(Disposition::Sent)
}

fn methods(verb: &str) -> impl Iterator<Item = &str> {
    verb.split(',').map(str::trim)
}

/// Whether a handler's pattern takes a URL, both without case.
fn takes(handler: &Handler, url: &str) -> bool {
    if same_name(&handler.resource, "Directory") || handler.path.len() > MAX_PATTERN {
        return false;
    }
    let name = url.rsplit('/').next().unwrap_or_default();
    fold(&handler.path).split(',').map(str::trim).any(|pattern| match pattern {
        "" => false,
        "*" => true,
        // Files without extension.
        "*." => !name.contains('.'),
        pattern if pattern.contains('/') => {
            matches(pattern, url) || !pattern.starts_with('/') && ends_with(pattern, url)
        }
        pattern => matches(pattern, name),
    })
}

/// Whether what comes after some slash of a URL is as a pattern says.
fn ends_with(pattern: &str, url: &str) -> bool {
    matches(&format!("*/{pattern}"), url)
}

/// Whether a text is as a pattern says, in which `*` stands for any text. In one pass.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|head| text.strip_prefix(head)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// Whether a pool is of the kind that a handler is for; `unknown` for a part of the condition that cannot be determined.
fn condition_holds(handler: &Handler, pool: Option<&Pool>, unknown: bool) -> bool {
    handler.condition.split(',').map(str::trim).all(|part| {
        let part = fold(part);
        let Some(pool) = pool else { return unknown || part.is_empty() };
        match part.as_str() {
            "integratedmode" => !pool.is_classic,
            "classicmode" => pool.is_classic,
            "bitness32" => pool.is_32_bit,
            "bitness64" => !pool.is_32_bit,
            part => match part.strip_prefix("runtimeversion") {
                Some(version) => match &pool.runtime {
                    Some(own) => same_name(own, version),
                    None => unknown,
                },
                None => true,
            },
        }
    })
}

/// What comes of a request that a handler takes.
fn outcome(effective: &EffectiveConfig, handler: &Handler, url: &str) -> Disposition {
    let rights = effective.access.as_deref().unwrap_or("Read");
    let has = |right: &str| rights.split(',').any(|own| same_name(own.trim(), right));
    let static_file = handler.modules.split(',').any(|module| same_name(module.trim(), "StaticFileModule"));
    let needed = match handler.access.as_str() {
        "" => "Script", // the schema's own value
        needed if same_name(needed, "None") => "",
        needed => needed,
    };
    if !needed.is_empty() && !has(needed) {
        let words =
            format!("handler {} requires the permission {needed}, which accessPolicy does not grant", handler.name);
        // Whether the right to run programs takes in that to run scripts is nowhere documented.
        let maybe = same_name(needed, "Script") && has("Execute");
        return if maybe { Disposition::Unknown(words) } else { Disposition::Refused(words) };
    }
    // The managed handlers that answer with an error (System.Web).
    const REFUSING: &[&str] = &["HttpForbiddenHandler", "HttpNotFoundHandler", "HttpMethodNotAllowedHandler"];
    let of_type = handler.of_type.split(',').next().unwrap_or_default().trim();
    if let Some(refusing) = REFUSING.iter().find(|known| of_type.strip_prefix("System.Web.") == Some(**known)) {
        return Disposition::Refused(format!("handler {} ({refusing})", handler.name));
    }
    if !static_file || !handler.of_type.is_empty() || !handler.processor.is_empty() {
        if same_name(handler.modules.trim(), "ProtocolSupportModule") {
            return Disposition::Refused(format!("handler {} answers without the file", handler.name));
        }
        return Disposition::By(handler.name.clone());
    }
    let name = url.rsplit('/').next().unwrap_or_default();
    let extension = name.rfind('.').map_or(".", |at| &name[at..]);
    match &effective.content_types {
        Some(types) if !types.contains(extension) && !types.contains(".*") => {
            Disposition::Refused(format!("no MIME type is configured for {extension}"))
        }
        _ => Disposition::Sent,
    }
}
