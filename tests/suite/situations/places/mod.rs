//! Renamed and moved logs, allow lists, autostart entries, the registry, other web servers, earlier systems.

mod autostart;
mod logs;
mod registry;
mod servers;

use super::{Server, Situation};
use crate::support::hive::Written;

fn system(hive: Written) -> Vec<u8> {
    with_services(hive).bytes()
}

/// A hive with the services of an ordinary server beside what it has.
fn with_services(hive: Written) -> Written {
    hive.text(r"ControlSet001\Services\W3SVC", "ImagePath", r"%windir%\system32\svchost.exe -k iissvcs")
        .text(r"ControlSet001\Services\W3SVC\Parameters", "ServiceDll", r"%windir%\system32\inetsrv\iisw3adm.dll")
        .text(r"ControlSet001\Services\Disk", "ImagePath", r"System32\drivers\disk.sys")
        .text(r"ControlSet001\Services\Null", "ImagePath", r"\SystemRoot\System32\drivers\null.sys")
        .text(
            r"ControlSet001\Services\MSExchangePop3",
            "ImagePath",
            r#""C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\PopImap\Microsoft.Exchange.Pop3Service.exe""#,
        )
        .text(
            r"ControlSet001\Services\WinDefend",
            "ImagePath",
            r#""C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2102.4-0\MsMpEng.exe""#,
        )
        .text(
            r"ControlSet001\Services\HealthService",
            "ImagePath",
            r#""C:\Program Files\Microsoft Monitoring Agent\Agent\HealthService.exe""#,
        )
}

const SYSTEM: &str = r"C:\Windows\System32\config\SYSTEM";

const SOFTWARE: &str = r"C:\Windows\System32\config\SOFTWARE";

fn service(server: &Server, value: &str, text: &str) {
    let hive = Written::new("ROOT").text(r"ControlSet001\Services\Spooler2", value, text);
    server.write(SYSTEM, system(hive));
}

/// By what they are about.
pub(super) const SITUATIONS: &[&[Situation]] =
    &[logs::SITUATIONS, autostart::SITUATIONS, servers::SITUATIONS, registry::SITUATIONS];
