//! The URLs that reach a file, and the output of `sites`.

use crate::support::{finding, of_kind, run, scan, server};

#[test]
fn every_url_of_a_finding_is_reported_with_pool_identity_and_handler() {
    let (_, records) = scan(&server("compromised_2019"), &[]);
    let of = |path: &str| &finding(&records, path).unwrap_or_else(|| panic!("{path}"))["shellsift"];
    let page =
        of(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\RedirSuiteServerProxy.aspx");
    let urls: Vec<&str> =
        page["reachable"].as_array().unwrap().iter().map(|way| way["url"].as_str().unwrap()).collect();
    assert_eq!(
        urls,
        [
            "/owa/auth/RedirSuiteServerProxy.aspx",
            "/owa/oma/auth/RedirSuiteServerProxy.aspx",
            "/owa/Calendar/auth/RedirSuiteServerProxy.aspx",
            "/owa/Integrated/auth/RedirSuiteServerProxy.aspx",
        ]
    );
    assert_eq!(
        page["iis"],
        serde_json::json!({
            "url": "/owa/auth/RedirSuiteServerProxy.aspx",
            "site": "Default Web Site",
            "application": "/owa",
            "pool": "MSExchangeOWAAppPool",
            "identity": "LocalSystem",
            "disposition": "executes",
            "handler": "PageHandlerFactory-Integrated-4.0",
            "authentication": ["basic"],
        })
    );
    for (path, runs, says) in [
        (r"C:\ProgramData\COM1\readme.aspx", "executes", "PageHandlerFactory"),
        (r"C:\inetpub\wwwroot\aspnet_client\notes.txt", "static_file", ""),
        // Classic ASP is not installed with Exchange.
        (r"C:\inetpub\wwwroot\iisupdate.asp", "denied", ".asp"),
        // The planted web.config beside it maps pictures to the page compiler, and itself to the engine of classic ASP.
        (r"C:\inetpub\wwwroot\aspnet_client\web.config", "executes", "inert"),
        (
            r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\owa\bin\App_Web_Container_1.dll",
            "denied",
            "bin",
        ),
    ] {
        let way = &of(path)["iis"];
        assert_eq!(way["disposition"], runs, "{path}: {way}");
        assert!(way.to_string().contains(says), "{path}: {way}");
    }
    assert!(of(r"C:\Users\Public\Documents\help.aspx")["iis"].is_null(), "no site serves it");
}

#[test]
fn where_no_configuration_is_given_nothing_is_reported_to_reach_a_file() {
    let folder = server("compromised_2019").join("Program Files/Microsoft/Exchange Server/V15");
    let (_, records) = scan(&folder, &[]);
    let findings = of_kind(&records, "finding");
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|finding| finding["shellsift"]["iis"].is_null() && finding["url"].is_null()));
}

#[test]
fn sites_shows_what_deviates_from_the_default_and_what_changed() {
    let out = run(["sites", server("compromised_2019").to_str().unwrap()]).out;
    let deviations: Vec<&str> = part(&out, "deviations from the default configuration of Exchange");
    assert_eq!(deviations.len(), 6, "{deviations:?}");
    assert!(deviations.iter().any(|line| line.contains("/help") && line.contains("reserved")), "{out}");
    assert!(
        deviations.iter().any(|line| line.contains("/intranet"))
            && deviations.iter().any(|line| line.contains("/archive"))
    );
    let changes = part(&out, "configuration changes, from IIS configuration history");
    assert_eq!(changes.len(), 3, "{changes:?}");
    assert!(changes[0].contains("after 2021-02-18T08:14:22") && changes[0].contains("until 2021-08-19T13:20:44"));
    assert!(changes[1].contains("HttpHelperModule was added"));
    assert!(changes[2].contains("/help") && changes[2].contains("was added"));
}

#[test]
fn the_clean_server_departs_from_nothing() {
    let out = run(["sites", server("clean_2019").to_str().unwrap()]).out;
    assert!(!out.contains("deviations from"), "{out}");
    assert!(out.contains("/owa/Calendar ") && out.contains("(LocalSystem, .NET v4.0)   anonymous, basic"), "{out}");
    let changes = part(&out, "configuration changes, from IIS configuration history");
    assert!(changes.len() == 2 && changes[1].contains("RewriteModule was added"), "{changes:?}");
}

/// The lines under a heading.
fn part<'t>(out: &'t str, heading: &str) -> Vec<&'t str> {
    out.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.is_empty()).collect()
}
