//! IIS configuration schemas: all files of `inetsrv\config\schema`.
//!
//! A schema names the elements of a list (`addElement`), gives values where none are written (`defaultValue`), and names classes of COM
//! that extend what is read (`extension`). Microsoft, "IIS schema reference" and the comments at the start of `IIS_schema.xml`.

use super::subject::{FileKind, Hit, Subject};
use super::{Check, CheckInfo, Look};
use crate::model::server_path::fold;

pub(super) const CHECKS: &[Check] = &[Check {
    check: CheckInfo {
        id: "config/iis_schema",
        title: "an IIS configuration schema that does not belong to IIS",
        score: 75,
        looks_for: "A file in `inetsrv\\config\\schema` that no Windows component and no Microsoft extension installs; \
                    one that redefines sites, pools, handlers, modules or filters, or allows other elements for them.",
        why: "With a custom schema the configuration means something to IIS that no tool sees: a module can be \
              declared in an unknown element, or be loaded by default.",
        benign_look_alikes: "Third-party IIS extensions install a schema for their own section; they score low.",
        attack: &["T1505.004", "T1564"],
        ..CheckInfo::EMPTY
    },
    look: Look::File(own),
}];

/// The schemas of IIS 7 to 10, of its roles and of Microsoft's extensions, as far as they are known.
const DEFAULT_SCHEMAS: &[&str] = &[
    "iis_schema.xml",
    "aspnet_schema.xml",
    "fx_schema.xml",
    "rscaext.xml",
    "ftp_schema.xml",
    "webdav_schema.xml",
    "rewrite_schema.xml",
    "webfarm_schema.xml",
    "arr_schema.xml",
    "proxy_schema.xml",
    "cors_schema.xml",
    "aspnetcore_schema.xml",
    "aspnetcore_schema_v2.xml",
    "httpplatform_schema.xml",
    "dynamicipsecurity_schema.xml",
    "appinit_schema.xml",
    "applicationinitialization_schema.xml",
    "iiscompression_schema.xml",
    "advancedlogging_schema.xml",
    "bits_schema.xml",
    "externaldiskcache_schema.xml",
    "wadiagnostics_schema.xml",
    "mediaservices_schema.xml",
    "transform_manager_schema.xml",
    "msdeploy_schema.xml",
    "iisnode_schema.xml",
    "iisnode_schema_x64.xml",
    "iisnode_schema_x86.xml",
    "centralcertprovider_schema.xml",
    "administration_schema.xml",
];

/// Sections that decide what runs.
const CORE: &[&str] = &[
    "system.applicationhost/sites",
    "system.applicationhost/applicationpools",
    "system.applicationhost/listeneradapters",
    "system.applicationhost/configpaths",
    "system.webserver/globalmodules",
    "system.webserver/modules",
    "system.webserver/handlers",
    "system.webserver/isapifilters",
    "system.webserver/security/isapicgirestriction",
    "system.webserver/fastcgi",
    "system.web/httpmodules",
    "system.web/httphandlers",
    "configurationredirection",
];

/// The elements that these lists have by the schema of IIS.
const ADDED: &[&str] = &[
    "add",
    "site",
    "application",
    "virtualdirectory",
    "binding",
    "filter",
    "search",
    "key",
    "appsetting",
    "environmentvariable",
];

fn own(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.kind != FileKind::Schema {
        return Vec::new();
    }
    let mut hits = Vec::new();
    let name = fold(&subject.artefact.entry.name);
    let is_default = DEFAULT_SCHEMAS.contains(&name.as_str());
    if !is_default {
        let title = format!("an unknown IIS configuration schema: {}", subject.artefact.entry.name);
        hits.push(Hit { range: 0..0, of_view: false, score: 30, title });
    }
    let section = |at: usize| {
        let mut next = Some(at);
        while let Some(at) = next {
            if subject.element(at).name == "sectionSchema" {
                return fold(subject.element(at).attribute("name"));
            }
            next = subject.element(at).parent;
        }
        String::new()
    };
    for at in subject.named("sectionSchema") {
        let section = fold(subject.element(at).attribute("name"));
        if !is_default && CORE.contains(&section.as_str()) {
            hits.push(subject.hit(at, 65, format!("a schema redefines {section}")));
        }
    }
    for at in subject.named("collection") {
        let section = section(at);
        let list = subject.element(at);
        let odd = list
            .attribute("addElement")
            .split(',')
            .map(|one| fold(one.trim()))
            .find(|one| !one.is_empty() && !ADDED.contains(&one.as_str()));
        if let Some(odd) = odd.filter(|_| CORE.contains(&section.as_str())) {
            hits.push(subject.hit(at, 75, format!("a schema allows entries of {section} as <{odd}>")));
        }
    }
    for name in ["attribute", "element", "sectionSchema", "collection", "method", "property", "dynamicTypes"] {
        for at in subject.named(name) {
            let element = subject.element(at);
            let class = ["extension", "clsid", "progid", "customDataStore"].map(|name| element.attribute(name));
            // All classes of Microsoft's own schemas are called as Microsoft's.
            let other = |class: &&str| !(class.is_empty() || is_default && fold(class).starts_with("microsoft."));
            if let Some(class) = class.into_iter().find(other) {
                let title = format!("a schema names a COM class that runs when it is read: {class}");
                hits.push(subject.hit(at, 55, title));
            }
        }
    }
    hits
}
