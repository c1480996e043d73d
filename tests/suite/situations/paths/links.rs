//! Links: junctions, mount points, symbolic links, hard links.

use super::super::{APPLICATION_HOST, AUTH, Answer, EXCHANGE, Server, Situation};
use super::serve;

/// A symbolic link, as drivers show junctions and mount points; only Unix systems make them without rights.
fn link(server: &Server, path: &str, target: &str) {
    #[cfg(unix)]
    server.link(path, target);
    #[cfg(not(unix))]
    let _ = (server, path, target);
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "paths/control",
        what: "Control: the page is in `owa\\auth`, nothing is hidden",
        plant: |server| server.shell(&format!(r"{AUTH}\errorFE2.aspx")),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\errorFE2.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| server.remove(r"C:\inetpub\wwwroot\robots.txt")),
    },
    Situation {
        id: "paths/link_of_wwwroot",
        what: "`wwwroot` is a junction to a folder in ProgramData",
        plant: |server| {
            server.rename(r"C:\inetpub\wwwroot", r"C:\ProgramData\w");
            link(server, r"C:\inetpub\wwwroot", r"\??\C:\ProgramData\w");
            server.shell(r"C:\ProgramData\w\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\ProgramData\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.rename(r"C:\inetpub\wwwroot", r"C:\Sites\wwwroot");
            link(server, r"C:\inetpub\wwwroot", r"../Sites/wwwroot");
        }),
    },
    Situation {
        id: "paths/link_of_inetpub",
        what: "`inetpub` is a junction, as ntfs3 shows it",
        plant: |server| {
            server.rename(r"C:\inetpub", r"C:\Old\inetpub");
            link(server, r"C:\inetpub", r"Old/inetpub");
            server.shell(r"C:\Old\inetpub\wwwroot\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Old\inetpub\wwwroot\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.rename(r"C:\inetpub", r"C:\Web\inetpub");
            link(server, r"C:\inetpub", r"C:\Web\inetpub");
        }),
    },
    Situation {
        id: "paths/link_of_auth",
        what: "`owa\\auth` is a junction to a folder that is not scanned otherwise",
        plant: |server| {
            server.rename(
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth",
                r"C:\Recovery\a",
            );
            link(
                server,
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth",
                r"C:\Recovery\a",
            );
            server.shell(r"C:\Recovery\a\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Recovery\a\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/link_of_auth_is_said",
        what: "`owa\\auth` is a junction to a folder in ProgramData: the link itself is reported",
        plant: |server| {
            server.rename(AUTH, r"C:\ProgramData\a");
            link(server, AUTH, r"C:\ProgramData\a");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth",
            reason: "location/web_folder_link",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/link_of_the_front_end",
        what: "`FrontEnd\\HttpProxy` is a junction written with forward slashes",
        plant: |server| {
            server.rename(&format!(r"{EXCHANGE}\FrontEnd\HttpProxy"), r"C:\Store\p");
            link(server, &format!(r"{EXCHANGE}\FrontEnd\HttpProxy"), "/??/C:/Store/p");
            server.shell(r"C:\Store\p\owa\auth\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Store\p\owa\auth\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/link_of_the_installation",
        what: "The Exchange folder is a junction",
        plant: |server| {
            server.rename(r"C:\Program Files\Microsoft\Exchange Server", r"C:\Data\E");
            link(server, r"C:\Program Files\Microsoft\Exchange Server", r"\Data\E");
            server.shell(r"C:\Data\E\V15\FrontEnd\HttpProxy\owa\auth\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Data\E\V15\FrontEnd\HttpProxy\owa\auth\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.rename(r"C:\Program Files\Microsoft", r"C:\Applications\Microsoft");
            link(server, r"C:\Program Files\Microsoft", "../Applications/Microsoft");
        }),
    },
    Situation {
        id: "paths/link_inside_a_web_folder",
        what: "A junction in `aspnet_client` leads to a folder of hidden pages",
        plant: |server| {
            server.shell(r"C:\Sources\deep\x.aspx");
            link(server, r"C:\inetpub\wwwroot\aspnet_client\s", r"C:\Sources");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Sources\deep\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.write(r"C:\Content\logo.txt", "a");
            link(server, r"C:\inetpub\wwwroot\content", r"C:\Content");
        }),
    },
    Situation {
        id: "paths/link_behind_a_link",
        what: "The target of a link contains another link, which leads to the pages",
        plant: |server| {
            server.shell(r"C:\b\x.aspx");
            server.write(r"C:\a\readme.txt", "");
            link(server, r"C:\a\next", "../b");
            link(server, r"C:\inetpub\wwwroot\l", "../../a");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\b\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/chain_of_links",
        what: "A chain of forty links leads to the pages",
        plant: |server| {
            server.shell(r"C:\end\x.aspx");
            for n in 0..40 {
                link(server, &format!(r"C:\chain\{n}"), &format!("{}", n + 1));
            }
            link(server, r"C:\chain\40", "../end");
            link(server, r"C:\inetpub\wwwroot\l", "../../chain/0");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\end\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/endless_links",
        what: "A link in a web folder leads to a cycle of links",
        plant: |server| {
            link(server, r"C:\ring\a", "b");
            link(server, r"C:\ring\b", "a");
            link(server, r"C:\inetpub\wwwroot\l", "../../ring/a");
        },
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"wwwroot\\l" },
        ordinary: Some(|server| link(server, r"C:\inetpub\wwwroot\aspnet_client\all", "..")),
    },
    Situation {
        id: "paths/link_to_its_own_folder",
        what: "A page is hidden behind links to their own folder",
        plant: |server| {
            server.shell(r"C:\inetpub\wwwroot\a\x.aspx");
            link(server, r"C:\inetpub\wwwroot\a\again", ".");
            link(server, r"C:\inetpub\wwwroot\a\up", "../..");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\a\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/file_is_a_link",
        what: "A page is a symbolic link to a text file elsewhere",
        plant: |server| {
            server.shell(r"C:\Notes\n.txt");
            link(server, &format!(r"{AUTH}\x.aspx"), r"C:\Notes\n.txt");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.write(r"C:\Shared\logo.txt", "a");
            link(server, r"C:\inetpub\wwwroot\logo.txt", r"C:\Shared\logo.txt");
        }),
    },
    Situation {
        id: "paths/file_link_to_a_device",
        what: "A page is a link to a shadow copy",
        plant: |server| {
            link(server, &format!(r"{AUTH}\x.aspx"), r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x.txt")
        },
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"which is a device" },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_a_device",
        what: "A site folder is a junction to a shadow copy",
        plant: |server| link(server, r"C:\inetpub\wwwroot\s", r"\??\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\s"),
        more: &[],
        answer: Answer::Finding { path: r"C:\inetpub\wwwroot\s", reason: "location/web_folder_link", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_a_volume",
        what: "A site folder is a mount point of a volume that was not provided",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", r"\??\Volume{0a1b2c3d-0000-0000-0000-100000000000}\"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"wwwroot\\m" },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_another_drive",
        what: "A site folder is a junction to a drive that was not provided",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", r"D:\m"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"wwwroot\\m" },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_a_given_drive",
        what: "A site folder is a junction to another volume that was provided",
        plant: |server| {
            server.shell(r"C:\volumes\d\odd\x.aspx");
            link(server, r"C:\inetpub\wwwroot\m", r"\??\D:\odd");
        },
        more: &["--map", "ROOT/volumes/d=D:"],
        answer: Answer::Finding {
            path: r"D:\odd\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_a_share",
        what: "A site folder is a symbolic link to a share",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", r"\\fileserver\share\m"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"share" },
        ordinary: None,
    },
    Situation {
        id: "paths/link_to_its_own_share",
        what: "A site folder is a symbolic link to the machine's own share",
        plant: |server| {
            server.shell(r"C:\Odd\x.aspx");
            link(server, r"C:\inetpub\wwwroot\m", r"\??\UNC\localhost\c$\Odd");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Odd\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/link_out_of_the_image",
        what: "A link leads above the volume root, into the examiner's machine",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", "../../../../../../../../etc"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"wwwroot\\m" },
        ordinary: None,
    },
    Situation {
        id: "paths/absolute_link_elsewhere",
        what: "A copy contains absolute links of another machine",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", "/mnt/case/C/odd"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"wwwroot\\m" },
        ordinary: Some(|server| {
            link(server, r"C:\ProgramData\Application Data", "/mnt/case/C/ProgramData");
            link(server, r"C:\ProgramData\Templates", r"C:\ProgramData\Microsoft\Windows\Templates");
            link(server, r"C:\Documents and Settings", "Users");
            link(server, r"C:\Users\All Users", r"C:\ProgramData");
        }),
    },
    Situation {
        id: "paths/absolute_link_inside",
        what: "A junction as ntfs-3g shows it: absolute, below the mount point",
        plant: |server| {
            server.shell(r"C:\odd\x.aspx");
            let odd = server.at(r"C:\odd");
            link(server, r"C:\inetpub\wwwroot\m", &odd.display().to_string());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\odd\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/unknown_reparse_point",
        what: "A site folder is a reparse point that the driver does not support",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", "unsupported reparse tag 0x80000022"),
        more: &[],
        answer: Answer::Gap { kind: "file_unreadable", words: r"wwwroot\\m" },
        ordinary: None,
    },
    Situation {
        id: "paths/broken_link",
        what: "A site folder is a link to something that was not copied",
        plant: |server| link(server, r"C:\inetpub\wwwroot\m", r"C:\LeftOut\m"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"wwwroot\\m" },
        ordinary: None,
    },
    Situation {
        id: "paths/config_folder_is_a_link",
        what: "`inetsrv\\config` is a junction; the configuration there serves a hidden folder",
        plant: |server| {
            serve(server, r"C:\Hidden\w");
            server.shell(r"C:\Hidden\w\x.aspx");
            server.rename(r"C:\Windows\System32\inetsrv\config", r"C:\ProgramData\c");
            link(server, r"C:\Windows\System32\inetsrv\config", r"C:\ProgramData\c");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Hidden\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/config_is_a_link",
        what: "`applicationHost.config` is a symbolic link",
        plant: |server| {
            serve(server, r"C:\Hidden\w");
            server.shell(r"C:\Hidden\w\x.aspx");
            server.rename(APPLICATION_HOST, r"C:\ProgramData\c.xml");
            link(server, APPLICATION_HOST, "../../../../ProgramData/c.xml");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Hidden\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/config_link_is_said",
        what: "`applicationHost.config` is a symbolic link: the link itself is reported",
        plant: |server| {
            server.rename(APPLICATION_HOST, r"C:\ProgramData\c.xml");
            link(server, APPLICATION_HOST, r"C:\ProgramData\c.xml");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\inetsrv\config\applicationHost.config",
            reason: "location/web_folder_link",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/config_link_leads_away",
        what: "`applicationHost.config` is a link to a volume that was not provided",
        plant: |server| {
            server.remove(APPLICATION_HOST);
            link(server, APPLICATION_HOST, r"E:\applicationHost.config");
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"applicationHost.config" },
        ordinary: None,
    },
    Situation {
        id: "paths/web_config_is_a_link",
        what: "A `web.config` is a link to one that executes pictures as pages",
        plant: |server| {
            server.write(
                r"C:\Odd\w.txt",
                r#"<configuration><system.webServer><handlers><add name="x" path="*.jpg" verb="*" type="System.Web.UI.PageHandlerFactory"/></handlers></system.webServer></configuration>"#,
            );
            link(server, r"C:\inetpub\wwwroot\a\web.config", r"C:\Odd\w.txt");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\a\web.config",
            reason: "config/static_extension_handler",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/virtual_directory_through_a_link",
        what: "The path of a virtual directory goes through a link",
        plant: |server| {
            server.shell(r"C:\Hidden\deep\w\x.aspx");
            link(server, r"C:\short", r"C:\Hidden\deep");
            serve(server, r"C:\short\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Hidden\deep\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/virtual_directory_link_leads_away",
        what: "The path of a virtual directory goes through a link to a volume that was not provided",
        plant: |server| {
            link(server, r"C:\short", r"\\?\Volume{0a1b2c3d-0000-0000-0000-100000000000}\");
            serve(server, r"C:\short\w");
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"C:\\short" },
        ordinary: None,
    },
    Situation {
        id: "paths/drop_folder_is_a_link",
        what: "ProgramData contains a junction that leads elsewhere",
        plant: |server| {
            server.shell(r"C:\Hidden\x.aspx");
            link(server, r"C:\ProgramData\Vendor", r"C:\Hidden");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Hidden\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: Some(|server| {
            server.write(r"C:\ProgramData\Vendor\2\readme.txt", "");
            link(server, r"C:\ProgramData\Vendor\current", "2");
            link(server, r"C:\ProgramData\Application Data", ".");
        }),
    },
    Situation {
        id: "paths/logs_are_a_link",
        what: "The IIS log folder is a link to a volume that was not provided",
        plant: |server| {
            server.remove(r"C:\inetpub\logs\LogFiles");
            link(server, r"C:\inetpub\logs\LogFiles", r"E:\LogFiles");
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"LogFiles" },
        ordinary: None,
    },
    Situation {
        id: "paths/framework_is_a_link",
        what: "`Microsoft.NET\\Framework64` is a link to something that was not provided",
        plant: |server| {
            server.remove(r"C:\Windows\Microsoft.NET\Framework64");
            link(server, r"C:\Windows\Microsoft.NET\Framework64", r"F:\Framework64");
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"Framework64" },
        ordinary: None,
    },
    Situation {
        id: "paths/program_files_is_a_link",
        what: "`Program Files` is a junction to a volume that was not provided",
        plant: |server| {
            server.rename(r"C:\Program Files", r"C:\volumes\p");
            link(server, r"C:\Program Files", r"P:\");
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"Program Files" },
        ordinary: None,
    },
    Situation {
        id: "paths/hard_link",
        what: "A page is a hard link to a file elsewhere; it is scanned like any file",
        plant: |server| {
            server.shell(r"C:\Odd\n.txt");
            std::fs::hard_link(server.at(r"C:\Odd\n.txt"), server.at(&format!(r"{AUTH}\x.aspx"))).unwrap();
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
];
