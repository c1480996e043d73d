//! What the registry of a server says: in the head of the report, in the records, and where its folders are examined.

use crate::support::{self, finding, hive::Written, hive::torn, of_kind, problems, run, scan, schema};
use serde_json::{Value, json};
use std::path::Path;

const SETUP: &str = r"Microsoft\ExchangeServer\v15\Setup";
const CURRENT: &str = r"Microsoft\Windows NT\CurrentVersion";
const ZONE: &str = r"ControlSet001\Control\TimeZoneInformation";

/// The hive SOFTWARE of an Exchange server.
fn software(exchange: &str) -> Written {
    Written::new("ROOT")
        .text(SETUP, "MsiInstallPath", exchange)
        .dword(SETUP, "MsiProductMajor", 15)
        .dword(SETUP, "MsiProductMinor", 2)
        .dword(SETUP, "MsiBuildMajor", 986)
        .dword(SETUP, "MsiBuildMinor", 5)
        .text(CURRENT, "ProductName", "Windows Server 2019 Standard")
        .text(CURRENT, "ReleaseId", "1809")
        .dword(CURRENT, "CurrentMajorVersionNumber", 10)
        .dword(CURRENT, "CurrentMinorVersionNumber", 0)
        .text(CURRENT, "CurrentBuild", "17763")
        .dword(CURRENT, "UBR", 1879)
        .text(CURRENT, "SystemRoot", r"C:\Windows")
        .dword(CURRENT, "InstallDate", 1_614_754_761)
        .dword(r"Microsoft\InetStp", "MajorVersion", 10)
        .dword(r"Microsoft\InetStp", "MinorVersion", 0)
        .text(r"Microsoft\InetStp", "PathWWWRoot", r"%SystemDrive%\web\root")
        .dword(r"Microsoft\Windows Defender\Exclusions\Extensions", ".edb", 0)
        .text(r"Microsoft\Windows\CurrentVersion\Uninstall\{1}", "DisplayName", "AnyDesk\u{1b}")
        .text(r"Microsoft\Windows\CurrentVersion\Uninstall\{1}", "DisplayVersion", "7.0")
}

/// The hive SYSTEM of a server in Berlin.
fn system(name: &str) -> Written {
    Written::new("ROOT")
        .dword("Select", "Current", 1)
        .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", name)
        .text(ZONE, "TimeZoneKeyName", "W. Europe Standard Time")
        .dword(ZONE, "Bias", (-60_i32) as u32)
        .dword(ZONE, "DaylightBias", (-60_i32) as u32)
        .binary(ZONE, "DaylightStart", &[0, 0, 3, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A volume with these hives, and a page of the default site that the registry names.
fn server(software: &Written, system: &Written) -> tempfile::TempDir {
    let folder = support::folder();
    write(folder.path(), "Windows/System32/config/SOFTWARE", software.bytes());
    write(folder.path(), "Windows/System32/config/SYSTEM", system.bytes());
    folder
}

#[test]
fn the_server_is_described_and_its_folders_are_examined_where_the_registry_says() {
    // Deeper than any folder that is looked for.
    let exchange = r"C:\a\b\c\d\e\Mail\V15\";
    let folder = server(&software(exchange), &system("MAIL01"));
    let shell = "a/b/c/d/e/Mail/V15/FrontEnd/HttpProxy/owa/auth/x.aspx";
    write(folder.path(), shell, support::stand_in());
    write(folder.path(), "web/root/q.aspx", support::stand_in());
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (1, Vec::<String>::new()), "{:?}", of_kind(&records, "problem"));
    let page = finding(&records, r"C:\a\b\c\d\e\Mail\V15\FrontEnd\HttpProxy\owa\auth\x.aspx").expect("found");
    assert_eq!(page["host"]["name"], "MAIL01");
    assert!(finding(&records, r"C:\web\root\q.aspx").is_some());
    assert!(finding(&records, r"C:\Windows\System32\config\SOFTWARE").is_none(), "a recommended exclusion");
    let os = json!({
        "type": "windows", "family": "windows", "platform": "windows", "name": "Windows Server 2019 Standard",
        "version": "10.0.17763.1879", "full": "Windows Server 2019 Standard 1809 (10.0.17763.1879)",
    });
    assert!(records.iter().all(|record| record["host"]["os"] == os), "{}", records[0]["host"]);
    let said = &records[0]["shellsift"]["run"]["server"];
    assert_eq!(said["windows_installed"], "2021-03-03T06:59:21.0000000Z");
    let zone = json!({ "name": "W. Europe Standard Time", "offset": "+01:00", "daylight_offset": "+02:00" });
    assert_eq!(said["time_zone"], zone);
    assert_eq!((&said["exchange"][0]["path"], &said["exchange"][0]["build"]), (&json!(exchange), &json!("15.2.986.5")));
    assert_eq!(
        (&said["iis"]["version"], &said["iis"]["web_root"]),
        (&json!("10.0"), &json!(r"%SystemDrive%\web\root"))
    );
    let exclusion = &said["defender_exclusions"][0];
    assert_eq!((&exclusion["kind"], &exclusion["advice"]), (&json!("extension"), &json!("recommended")));
    let product = &said["installed_products"][0];
    assert_eq!((&product["name"], &product["version"]), (&json!("AnyDesk"), &json!("7.0")));
    let schema: Value = serde_json::from_str(
        &std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/record.schema.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(schema::misfits(&schema, &records[0]), Vec::<String>::new());
    let table = run(["scan", "-q", folder.path().to_str().unwrap()]).out;
    for line in [
        "# host       MAIL01   from SYSTEM hive",
        "# windows    Windows Server 2019 Standard 1809 (10.0.17763.1879), installed 2021-03-03T06:59:21.0000000Z",
        "# time zone  W. Europe Standard Time (UTC+01:00, in summer UTC+02:00)",
    ] {
        assert!(table.lines().any(|one| one == line), "{line}\n{table}");
    }
    let sites = run(["sites", folder.path().to_str().unwrap()]).out;
    assert!(sites.contains("Exchange v15, build 15.2.986.5, installed in"), "{sites}");
    assert!(sites.contains("defender   1 exclusion, 1 recommended by Microsoft for Exchange"), "{sites}");
}

#[test]
fn health_takes_the_build_from_the_registry_where_no_file_has_it() {
    let folder = server(&software(r"C:\Exchange\V15\"), &system("MAIL01"));
    write(folder.path(), "Exchange/V15/FrontEnd/HttpProxy/owa/web.config", "<configuration/>");
    let ran = run(["health", folder.path().to_str().unwrap()]);
    assert!(ran.out.contains("15.2.986.5   read from registry"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("records cumulative updates only"), "{}", ran.out);
    // A program that is there decides.
    write(folder.path(), "Exchange/V15/bin/ExSetup.exe", support::version::program([15, 2, 858, 12]));
    let ran = run(["health", folder.path().to_str().unwrap()]);
    assert!(ran.out.contains("15.2.858.12   read from bin\\ExSetup.exe"), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("cumulative updates only"), "{}", ran.out);
}

#[test]
fn a_folder_that_the_registry_names_and_that_is_not_there_is_a_problem() {
    for (path, expected) in [
        (r"C:\gone\V15\", "folder_missing"),
        (r"D:\Exchange\V15\", "volume_not_provided"),
        // All of the volume would be taken for Exchange.
        (r"C:\", "config_malformed"),
        (r"\\host\share\V15", "config_malformed"),
    ] {
        let folder = server(&software(path), &system("MAIL01"));
        write(folder.path(), "web/root/index.html", "<html></html>");
        let (_, records) = scan(folder.path(), &[]);
        assert_eq!(problems(&records), [expected], "{path}");
        let discovered = records[0]["shellsift"]["run"]["discovered"].to_string();
        assert!(!discovered.contains(r#""kind":"exchange""#), "{path}: {discovered}");
    }
}

#[test]
fn logs_beside_a_hive_are_replayed_and_a_missing_one_is_a_gap() {
    let (hive, log) = torn(&system("MAIL01"), &system("MAIL02"));
    let folder = server(&software(r"C:\gone\V15\"), &system("MAIL00"));
    write(folder.path(), "web/root/index.html", "<html></html>");
    let system = "Windows/System32/config/SYSTEM";
    write(folder.path(), system, &hive);
    let gaps = |records: &[Value]| -> Vec<String> {
        let gaps = of_kind(records, "problem").into_iter().filter(|one| one["shellsift"]["problem"]["gap"] == true);
        gaps.map(|one| one["error"]["message"].as_str().unwrap().to_owned()).collect()
    };
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, &records[0]["host"]["name"]), (3, &json!("MAIL01")));
    assert!(matches!(&gaps(&records)[..], [gap] if gap.contains("no transaction log continues it")), "{records:?}");
    for name in ["SYSTEM.LOG1", "system.log2"] {
        write(folder.path(), &format!("Windows/System32/config/{name}"), &log);
        let (code, records) = scan(folder.path(), &[]);
        assert_eq!((code, &records[0]["host"]["name"], gaps(&records)), (0, &json!("MAIL02"), vec![]), "{name}");
        let discovered = records[0]["shellsift"]["run"]["discovered"].to_string();
        assert!(discovered.contains("1 entry of its transaction logs replayed in memory"), "{discovered}");
        std::fs::remove_file(folder.path().join("Windows/System32/config").join(name)).unwrap();
    }
}
