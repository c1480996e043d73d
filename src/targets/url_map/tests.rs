//! What reaches a file: every way in, and what nothing reaches.

use super::*;
use crate::evidence::Memory;
use crate::targets::{Target, TargetKind, discover};
use std::fmt::Write as _;

const CONFIG: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";
const HANDLERS: &str = r#"<location path="" overrideMode="Allow"><system.webServer><handlers accessPolicy="Read, Script">
    <add name="dll" path="*.dll" verb="*" modules="IsapiModule" requireAccess="Execute"/>
    <add name="Classic" path="*.aspx" verb="*" modules="IsapiModule" scriptProcessor="x.dll" preCondition="classicMode,runtimeVersionv4.0,bitness64"/>
    <add name="Page2" path="*.aspx" verb="GET,POST" type="System.Web.UI.PageHandlerFactory" preCondition="integratedMode,runtimeVersionv2.0"/>
    <add name="Page" path="*.aspx" verb="GET,HEAD,POST,DEBUG" type="System.Web.UI.PageHandlerFactory" preCondition="integratedMode,runtimeVersionv4.0"/>
    <add name="Razor" path="*.cshtml" verb="GET" type="System.Web.HttpForbiddenHandler"/>
    <add name="Resource" path="WebResource.axd" verb="GET" type="System.Web.Handlers.AssemblyResourceLoader"/>
    <add name="Options" path="*" verb="OPTIONS" modules="ProtocolSupportModule" requireAccess="None"/>
    <add name="StaticFile" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule" resourceType="Either" requireAccess="Read"/>
    </handlers></system.webServer></location>"#;

/// A server with one site of these applications (path, pool, folder), `rest` of applicationHost.config, and files.
fn server(applications: &[(&str, &str, &str)], rest: &str, files: &[(&str, &str)]) -> (Memory, Plan) {
    let mut text = r#"<configuration><configSections><section name="anonymousAuthentication" overrideModeDefault="Deny"/></configSections>
        <system.applicationHost><applicationPools><add name="A"><processModel identityType="LocalSystem"/></add><add name="Old" managedPipelineMode="Classic"/>
        <add name="Bare" managedRuntimeVersion=""/><add name="Wow" enable32BitAppOnWin64="true"/><applicationPoolDefaults managedRuntimeVersion="v4.0"><processModel identityType="ApplicationPoolIdentity"/></applicationPoolDefaults></applicationPools>
        <sites><site name="Web" id="1">"#.to_owned();
    for (path, pool, folder) in applications {
        let _ = write!(text, r#"<application path="{path}" applicationPool="{pool}">"#);
        // A second part is a virtual directory: its URL path and folder.
        for (n, part) in folder.split('|').enumerate() {
            let (url, physical) = if n == 0 { ("/", part) } else { part.split_once('>').expect("url>folder") };
            let _ = write!(text, r#"<virtualDirectory path="{url}" physicalPath="{physical}"/>"#);
        }
        text += "</application>";
    }
    let _ = write!(text, "</site></sites></system.applicationHost>{rest}</configuration>");
    let mut evidence = Memory::new().file(CONFIG, text.as_bytes());
    for (path, content) in files {
        evidence = evidence.file(path, content.as_bytes());
    }
    let given = [Target { path: ServerPath::drive('C'), kind: TargetKind::Volume }];
    let plan = discover(&evidence, &given, &['C'], false);
    (evidence, plan)
}

fn reach((evidence, plan): &(Memory, Plan), file: &str) -> Vec<Endpoint> {
    UrlMap::new(evidence, plan).reach(&ServerPath::from_windows(file).expect("absolute"))
}

fn urls(server: &(Memory, Plan), file: &str) -> Vec<String> {
    reach(server, file).into_iter().map(|reach| reach.url).collect()
}

fn by(name: &str) -> Disposition {
    Disposition::By(name.to_owned())
}

/// What becomes of `name` in C:\w with these web.config files, each in its folder.
fn what(name: &str, configs: &[(&str, &str)]) -> Disposition {
    let path = format!(r"C:\w\{name}");
    let configs: Vec<(String, String)> = configs
        .iter()
        .map(|(folder, text)| {
            (
                format!(r"C:\w\{folder}Web.Config"),
                format!("<configuration><system.webServer>{text}</system.webServer></configuration>"),
            )
        })
        .collect();
    let mut files: Vec<(&str, &str)> = vec![(&path, "")];
    files.extend(configs.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let server = server(&[("/", "A", r"C:\w")], HANDLERS, &files);
    reach(&server, &path).remove(0).runs
}

#[test]
fn every_url_of_a_folder_that_several_applications_share_is_reported() {
    let owa = r"C:\ex\owa";
    let server = server(
        &[("/", "", r"C:\w"), ("/owa", "A", owa), ("/owa/Calendar", "B", owa), ("/owa/oma", "A", owa)],
        HANDLERS,
        &[(r"C:\ex\owa\auth\X.aspx", ""), (r"C:\w\a.aspx", "")],
    );
    let found = reach(&server, r"C:\ex\owa\auth\X.aspx");
    let reported: Vec<_> = found.iter().map(|reach| (reach.url.as_str(), reach.application.as_str())).collect();
    assert_eq!(
        reported,
        [
            ("/owa/auth/X.aspx", "/owa"),
            ("/owa/oma/auth/X.aspx", "/owa/oma"),
            // The configuration of pool B is unknown, and so is the handler for it.
            ("/owa/Calendar/auth/X.aspx", "/owa/Calendar"),
        ]
    );
    assert_eq!((found[0].pool.as_str(), found[0].identity.as_str()), ("A", "LocalSystem"));
    assert_eq!((found[2].pool.as_str(), found[2].identity.as_str()), ("B", ""));
    assert_eq!(found[0].runs, by("Page"));
    assert!(matches!(found[2].runs, Disposition::Unknown(_)), "{:?}", found[2]);
    assert_eq!(reach(&server, r"C:\w\a.aspx")[0].pool, "DefaultAppPool");
    assert_eq!(urls(&server, r"C:\elsewhere\a.aspx"), [""; 0]);
}

#[test]
fn files_under_another_mapping_are_not_reached_by_that_url() {
    let server = server(
        &[("/", "A", r"C:\w|/img>C:\pictures|/sub/x>C:\over"), ("/sub", "A", r"C:\sub"), ("/deep", "A", r"C:\w\real")],
        HANDLERS,
        &[
            (r"C:\w\sub\a.aspx", ""),
            (r"C:\w\img\a.aspx", ""),
            (r"C:\pictures\a.aspx", ""),
            (r"C:\w\real\a.aspx", ""),
            (r"C:\over\a.aspx", ""),
            (r"C:\sub\x\a.aspx", ""),
        ],
    );
    assert_eq!(urls(&server, r"C:\w\sub\a.aspx"), [""; 0], "an application lies over it");
    assert_eq!(urls(&server, r"C:\w\img\a.aspx"), [""; 0], "a virtual directory lies over it");
    assert_eq!(urls(&server, r"C:\pictures\a.aspx"), ["/img/a.aspx"]);
    assert_eq!(urls(&server, r"C:\W\REAL\a.aspx"), ["/deep/a.aspx", "/REAL/a.aspx"], "the deepest folder first");
    assert_eq!(urls(&server, r"C:\over\a.aspx"), [""; 0], "the application is chosen before its directories");
    assert_eq!(urls(&server, r"C:\sub\x\a.aspx"), ["/sub/x/a.aspx"]);
}

#[test]
fn the_handler_is_that_of_extension_pool_and_method() {
    assert_eq!(what("a.ASPX", &[]), by("Page"));
    assert_eq!(what("webresource.AXD", &[]), by("Resource"));
    assert_eq!(what("a.gif", &[]), Disposition::Sent);
    assert_eq!(what("readme", &[]), Disposition::Sent);
    assert_eq!(what("a.cshtml", &[]), Disposition::Refused("handler Razor (HttpForbiddenHandler)".to_owned()));
    let Disposition::Refused(why) = what("a.dll", &[]) else { panic!("ran") };
    assert!(why.contains("Execute"), "{why}");
    let pools = server(
        &[("/", "A", r"C:\w"), ("/old", "Old", r"C:\w"), ("/bare", "Bare", r"C:\w"), ("/wow", "Wow", r"C:\w")],
        &HANDLERS.replace("integratedMode,runtimeVersionv4.0", "integratedMode,runtimeVersionv4.0,bitness64"),
        &[(r"C:\w\a.aspx", "")],
    );
    let runs: Vec<(String, Disposition)> =
        reach(&pools, r"C:\w\a.aspx").into_iter().map(|reach| (reach.url, reach.runs)).collect();
    let expected = [
        ("/a.aspx", by("Page")),
        ("/old/a.aspx", by("Classic")),
        ("/wow/a.aspx", Disposition::Sent),
        ("/bare/a.aspx", Disposition::Sent),
    ];
    assert_eq!(runs, expected.map(|(url, runs)| (url.to_owned(), runs)));
}

#[test]
fn web_config_files_change_handlers_from_the_outside_in() {
    let add = |name: &str, path: &str| {
        format!(r#"<handlers><add name="{name}" path="{path}" verb="*" type="T"/></handlers>"#)
    };
    assert_eq!(what(r"s\a.gif", &[(r"s\", &add("Gif", "*.gif"))]), by("Gif"));
    assert_eq!(what(r"a.gif", &[(r"s\", &add("Gif", "*.gif"))]), Disposition::Sent, "not outside of its folder");
    assert_eq!(what(r"s\t\a.gif", &[("", &add("Outer", "*.gif")), (r"s\", &add("Inner", "*.gif"))]), by("Inner"));
    assert_eq!(what(r"a.aspx", &[("", &add("All", "*"))]), by("All"), "what is added inside comes first");
    assert_eq!(what(r"a.aspx", &[("", r#"<handlers><remove name="PAGE"/></handlers>"#)]), Disposition::Sent);
    let clear = r#"<handlers><clear/></handlers>"#;
    assert!(matches!(what("a.aspx", &[("", clear)]), Disposition::Refused(why) if why.contains("no handler")));
    let exact = add("Exact", "/s/only.txt");
    assert_eq!(what(r"s\only.txt", &[("", &exact)]), by("Exact"));
    assert_eq!(what(r"only.txt", &[("", &exact)]), Disposition::Sent);
    let put = r#"<handlers><add name="Put" path="*.txt" verb="PUT" type="T"/></handlers>"#;
    assert_eq!(what("a.txt", &[("", put)]), by("Put"), "a page that answers to any method runs");
    let junk = r#"<handlers><add name="J" path="*.txt" verb="A,B,C,D,E,F,G,H" modules="StaticFileModule" requireAccess="Read"/><add name="Post" path="*.txt" verb="POST" type="T"/></handlers>"#;
    assert_eq!(what("a.txt", &[("", junk)]), by("Post"), "whatever methods stand before it");
    let bits = r#"<handlers><add name="B" path="*.txt" verb="*" type="T" preCondition="bitness32"/></handlers>"#;
    assert_eq!(what("a.txt", &[("", bits)]), Disposition::Sent);
    assert_eq!(what("a.txt", &[("", &bits.replace("32", "64"))]), by("B"));
    let folder = r#"<handlers><add name="F" path="*" verb="*" type="T" resourceType="Directory"/></handlers>"#;
    assert_eq!(what("a.txt", &[("", folder)]), Disposition::Sent);
    let execute = r#"<handlers accessPolicy="Read, Execute"/>"#;
    assert!(matches!(what("a.aspx", &[("", execute)]), Disposition::Unknown(why) if why.contains("Script")));
    let read_only = r#"<handlers accessPolicy="Read"/>"#;
    assert!(matches!(what(r"s\a.aspx", &[(r"s\", read_only)]), Disposition::Refused(why) if why.contains("Script")));
}

#[test]
fn locations_are_for_their_place_alone() {
    let location = |path: &str, more: &str| {
        format!(
            r#"<location path="{path}" {more}><system.webServer><handlers><add name="Here" path="*.gif" verb="*" type="T"/></handlers></system.webServer></location>"#
        )
    };
    let gif = [(r"C:\w\s\a.gif", ""), (r"C:\w\b.gif", "")];
    for (path, more, inside, outside) in [
        ("Web/s", "", by("Here"), Disposition::Sent),
        ("WEB/S/A.GIF", "", by("Here"), Disposition::Sent),
        ("Web", "", by("Here"), by("Here")),
        ("Other", "", Disposition::Sent, Disposition::Sent),
    ] {
        let server = server(&[("/", "A", r"C:\w")], &format!("{HANDLERS}{}", location(path, more)), &gif);
        assert_eq!(reach(&server, r"C:\w\s\a.gif")[0].runs, inside, "{path}");
        assert_eq!(reach(&server, r"C:\w\b.gif")[0].runs, outside, "{path}");
    }
    let config = format!("<configuration>{}</configuration>", location("s", ""));
    let files = [gif[0], gif[1], (r"C:\w\web.config", config.as_str())];
    let server_ = server(&[("/", "A", r"C:\w")], HANDLERS, &files);
    assert_eq!(reach(&server_, r"C:\w\s\a.gif")[0].runs, by("Here"), "a location of a web.config");
    assert_eq!(reach(&server_, r"C:\w\b.gif")[0].runs, Disposition::Sent);
    let not_inside =
        format!("<configuration>{}</configuration>", location(".", r#"inheritInChildApplications="false""#));
    let files = [gif[0], gif[1], (r"C:\w\web.config", not_inside.as_str())];
    let server = server(&[("/", "A", r"C:\w"), ("/s", "A", r"C:\w\s")], HANDLERS, &files);
    let runs: Vec<_> = reach(&server, r"C:\w\s\a.gif").into_iter().map(|reach| reach.runs).collect();
    assert_eq!(runs, [Disposition::Sent], "an application inside does not inherit it");
    assert_eq!(reach(&server, r"C:\w\b.gif")[0].runs, by("Here"));
}

#[test]
fn what_stands_around_a_location_is_not_of_it() {
    let own = |name: &str| {
        format!(
            r#"<system.webServer><handlers><add name="{name}" path="*.{name}" verb="*" type="T"/></handlers></system.webServer>"#
        )
    };
    let location = |more: &str| format!(r#"<location path="." inheritInChildApplications="false">{more}</location>"#);
    let config = format!("<configuration>{}{}{}</configuration>", own("one"), location(&own("two")), own("three"));
    let files =
        [(r"C:\w\s\a.one", ""), (r"C:\w\s\a.two", ""), (r"C:\w\s\a.three", ""), (r"C:\w\web.config", config.as_str())];
    let server = server(&[("/", "A", r"C:\w"), ("/s", "A", r"C:\w\s")], HANDLERS, &files);
    let runs = ["one", "two", "three"].map(|name| reach(&server, &format!(r"C:\w\s\a.{name}"))[0].runs.clone());
    assert_eq!(runs, [by("one"), Disposition::Sent, by("three")]);
}

#[test]
fn an_application_inherits_along_the_url_not_along_the_disk() {
    let config = r#"<configuration><system.webServer><handlers><add name="Own" path="*.gif" verb="*" type="T"/></handlers></system.webServer></configuration>"#;
    let server = server(
        &[("/", "A", r"C:\w"), ("/a", "A", r"C:\a"), ("/a/b", "A", r"D:\gone|/c>C:\x")],
        HANDLERS,
        &[(r"C:\A\q.gif", ""), (r"C:\a\web.config", config), (r"C:\x\p.gif", "")],
    );
    // C:\A and C:\a are one folder to Windows; the evidence has both.
    assert_eq!(reach(&server, r"C:\A\q.gif")[0].runs, by("Own"));
    assert_eq!(reach(&server, r"C:\x\p.gif")[0].runs, by("Own"));
    assert_eq!(reach(&server, r"C:\x\p.gif")[0].url, "/a/b/c/p.gif");
}

#[test]
fn request_filters_and_types_of_content_refuse() {
    let filter = r#"<security><requestFiltering><hiddenSegments><add segment="bin"/></hiddenSegments><fileExtensions allowUnlisted="true"><add fileExtension=".config" allowed="false"/></fileExtensions><denyUrlSequences><add sequence=".."/></denyUrlSequences></requestFiltering></security>"#;
    let refused = |name: &str, inner: &str| match what(name, &[("", filter), (r"s\", inner)]) {
        Disposition::Refused(why) => why,
        other => panic!("{name}: {other:?}"),
    };
    assert!(refused(r"s\BIN\a.aspx", "").contains("\"bin\""));
    assert!(refused(r"s\a.config", "").contains(".config"));
    assert!(refused(r"s\a..b.aspx", "").contains(".."));
    let unlisted =
        r#"<security><requestFiltering><fileExtensions allowUnlisted="false"/></requestFiltering></security>"#;
    assert!(refused(r"s\a.aspx", unlisted).contains("does not allow .aspx"));
    let removed = r#"<security><requestFiltering><hiddenSegments><remove segment="BIN"/></hiddenSegments><fileExtensions><clear/></fileExtensions></requestFiltering></security>"#;
    assert_eq!(what(r"s\bin\a.aspx", &[("", filter), (r"s\", removed)]), by("Page"));
    assert_eq!(what(r"s\a.config", &[("", filter), (r"s\", removed)]), Disposition::Sent);
    assert_eq!(what(r"s\robin\a.aspx", &[("", filter)]), by("Page"), "a part of a name is no segment");
    let types = r#"<staticContent><mimeMap fileExtension=".gif" mimeType="image/gif"/></staticContent>"#;
    assert_eq!(what("a.gif", &[("", types)]), Disposition::Sent);
    assert!(matches!(what("a.asp", &[("", types)]), Disposition::Refused(why) if why.contains(".asp")));
    assert_eq!(what("a.aspx", &[("", types)]), by("Page"), "types of content are for files that are sent");
}

#[test]
fn what_the_configuration_does_not_say_is_not_guessed() {
    let one = |rest: &str, files: &[(&str, &str)]| {
        let server = server(&[("/", "A", r"C:\w")], rest, files);
        reach(&server, r"C:\w\a.aspx").remove(0).runs
    };
    let unknown = |runs: Disposition| match runs {
        Disposition::Unknown(why) => why,
        other => panic!("{other:?}"),
    };
    let page = (r"C:\w\a.aspx", "");
    assert!(unknown(one("", &[page])).contains("no handlers"));
    assert!(unknown(one(&format!("{HANDLERS}<<"), &[page])).contains("applicationHost.config"));
    assert!(unknown(one(HANDLERS, &[page, (r"C:\w\web.config", "<configuration><x")])).contains(r"C:\w\web.config"));
    let redirected = (
        r"C:\Windows\System32\inetsrv\config\redirection.config",
        r#"<configuration><configurationRedirection enabled="true" path="\\x\y"/></configuration>"#,
    );
    assert!(unknown(one(HANDLERS, &[page, redirected])).contains("elsewhere"));
    // No configuration of a server, no way to reach anything.
    let plan = Plan::default();
    assert_eq!(
        UrlMap::new(&Memory::new(), &plan)
            .reach(&ServerPath::from_windows(r"C:\inetpub\wwwroot\a.aspx").expect("absolute")),
        []
    );
}

#[test]
fn authentication_is_that_of_the_place_and_locked_settings_hold() {
    let ways = |on: &str| {
        format!("<system.webServer><security><authentication>{on}</authentication></security></system.webServer>")
    };
    let rest = format!(
        r#"{HANDLERS}{}<location path="Web/ecp">{}</location>"#,
        ways(r#"<anonymousAuthentication enabled="true"/><basicAuthentication enabled="false"/>"#),
        ways(r#"<anonymousAuthentication enabled="false"/><windowsAuthentication enabled="true"/>"#),
    );
    let own = format!(
        r#"<configuration>{}<system.web><authentication mode="Forms"/></system.web></configuration>"#,
        ways(r#"<anonymousAuthentication enabled="false"/><basicAuthentication enabled="true"/>"#)
    );
    let files =
        [(r"C:\w\a.aspx", ""), (r"C:\e\a.aspx", ""), (r"C:\w\s\a.aspx", ""), (r"C:\w\s\web.config", own.as_str())];
    let applications = [("/", "A", r"C:\w"), ("/ecp", "A", r"C:\e")];
    let locked = server(&applications, &rest, &files);
    let who = |server: &(Memory, Plan), file: &str| reach(server, file).remove(0).authentication;
    assert_eq!(who(&locked, r"C:\w\a.aspx"), ["anonymous"]);
    assert_eq!(who(&locked, r"C:\e\a.aspx"), ["windows"]);
    assert_eq!(who(&locked, r"C:\w\s\a.aspx"), ["anonymous", "basic", "forms"], "anonymous is locked");
    let iis = locked.1.iis.as_ref().expect("read");
    let url_map = UrlMap::new(&locked.0, &locked.1);
    assert_eq!(url_map.authentication(&iis.sites[0], &iis.sites[0].applications[1]), ["windows"]);
    let unlocking =
        format!(r#"{rest}<location path="Web" overrideMode="Allow">{}</location>"#, ways("<anonymousAuthentication/>"));
    let open = server(&applications, &unlocking, &files);
    assert_eq!(who(&open, r"C:\w\s\a.aspx"), ["basic", "forms"]);
}

#[test]
fn many_mappings_many_levels_and_long_names_have_an_end() {
    let applications: Vec<String> = (0..3_000).map(|n| format!("/a{n}")).collect();
    let applications: Vec<(&str, &str, &str)> = applications.iter().map(|path| (path.as_str(), "A", r"C:\w")).collect();
    let long = format!(r"C:\w\{}a.aspx", "x\\".repeat(5_000).replace("\\\\", "\\"));
    let server_ = server(&applications, HANDLERS, &[(r"C:\w\a.aspx", "")]);
    assert_eq!(reach(&server_, r"C:\w\a.aspx").len(), MAX_REACHES);
    assert!(matches!(&reach(&server_, &long)[0].runs, Disposition::Unknown(why) if why.contains("levels")));
    let many = format!(
        "<configuration><system.webServer><handlers>{}</handlers></system.webServer></configuration>",
        r#"<add name="x" path="*.q" verb="*" type="T"/>"#.repeat(30_000)
    );
    let server_ = server(&[("/", "A", r"C:\w")], HANDLERS, &[(r"C:\w\a.aspx", ""), (r"C:\w\web.config", &many)]);
    assert!(matches!(&reach(&server_, r"C:\w\a.aspx")[0].runs, Disposition::Unknown(why) if why.contains("more than")));
}
