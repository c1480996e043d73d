//! Links, 8.3 short names, unusual path forms, folders that cannot be listed.

use super::{APPLICATION_HOST, AUTH, Answer, EXCHANGE, Server, Situation};
use crate::support::stand_in;

/// A symbolic link, as drivers show junctions and mount points; only Unix systems make them without rights.
fn link(server: &Server, path: &str, target: &str) {
    #[cfg(unix)]
    server.link(path, target);
    #[cfg(not(unix))]
    let _ = (server, path, target);
}

/// An alternate data stream, as copies that keep extended attributes have it.
fn stream(server: &Server, path: &str, name: &str, bytes: &[u8]) {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(server.at(path), format!("user.{name}"), bytes, flags).unwrap();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (server, path, name, bytes);
}

/// Adds a virtual directory.
fn serve(server: &Server, physical: &str) {
    let known = r#"<virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" />"#;
    let added = format!(r#"{known}<virtualDirectory path="/odd" physicalPath="{physical}" />"#);
    server.edit(APPLICATION_HOST, known, &added);
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
    Situation {
        id: "paths/short_name",
        what: "A virtual directory is configured with 8.3 short names",
        plant: |server| {
            server.shell(r"C:\Program Files\Common Files\hidden folder\x.aspx");
            serve(server, r"C:\PROGRA~1\COMMON~1\HIDDEN~1");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Common Files\hidden folder\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/short_name_with_sum",
        what: "A hashed 8.3 short name (from the fifth name with the same prefix on)",
        plant: |server| {
            server.shell(r"C:\hidden folder 5\w\x.aspx");
            serve(server, r"C:\HI1A2B~5\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\hidden folder 5\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/short_name_of_a_dotted_folder",
        what: "An 8.3 short name with an extension",
        plant: |server| {
            server.shell(r"C:\odd.folder.network\w\x.aspx");
            serve(server, r"C:\ODDFOL~1.NET\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\odd.folder.network\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/blank_at_the_end",
        what: "A trailing space in a name, which Win32 drops",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C:\Hidden \w ");
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
        id: "paths/dot_at_the_end",
        what: "Trailing dots in names",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C:\Hidden.\w..");
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
        id: "paths/dot_that_is_there",
        what: "A folder whose name really ends with a dot",
        plant: |server| {
            server.shell(r"C:\Hidden.\w.\x.aspx");
            serve(server, r"\\?\C:\Hidden.\w.");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Hidden.\w.\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/index_allocation",
        what: "`$INDEX_ALLOCATION`: the stream of a folder that is the folder itself",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C:\Hidden::$INDEX_ALLOCATION\w");
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
        id: "paths/index_allocation_by_name",
        what: "The same with the stream name `$I30`",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C:\Hidden:$I30:$INDEX_ALLOCATION\w:$i30:$Index_Allocation");
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
        id: "paths/own_share",
        what: "The machine's own administrative share",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\localhost\c$\Hidden\w");
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
        id: "paths/own_share_by_address",
        what: "The same by IP address",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\127.0.0.1\c$\Hidden\w");
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
        id: "paths/own_share_by_ipv6",
        what: "The same by IPv6 address",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\[::1]\C$\Hidden\w");
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
        id: "paths/own_share_by_literal",
        what: "The same by IPv6 literal name",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\0--1.ipv6-literal.net\C$\Hidden\w");
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
        id: "paths/own_share_as_device",
        what: "The same as a device path",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\?\UNC\localhost\c$\Hidden\w");
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
        id: "paths/admin_share",
        what: "The `ADMIN$` share",
        plant: |server| {
            server.shell(r"C:\Windows\hidden\w\x.aspx");
            serve(server, r"\\localhost\ADMIN$\hidden\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\hidden\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/device_prefix",
        what: "A device path prefix",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\.\C:\Hidden\w");
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
        id: "paths/globalroot",
        what: "A path from the root of the object manager",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\\?\GLOBALROOT\??\C:\Hidden\w");
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
        id: "paths/slashes_and_dots",
        what: "Forward slashes, doubled separators and parent references",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C://Hidden/.//y/../w/");
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
        id: "paths/rooted",
        what: "A path relative to the root of the current drive",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"\Hidden\w");
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
        id: "paths/drive_relative",
        what: "A path relative to the current folder of a drive",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"C:Hidden\w");
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
        id: "paths/case_of_ntfs",
        what: "Non-ASCII letters in a different case",
        plant: |server| {
            server.shell(r"C:\été\Σ\x.aspx");
            serve(server, r"C:\ÉTÉ\ς");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\été\Σ\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/variable_home_drive",
        what: "An environment variable in a path: %HOMEDRIVE%",
        plant: |server| {
            server.shell(r"C:\Hidden\w\x.aspx");
            serve(server, r"%HOMEDRIVE%\Hidden\w");
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
        id: "paths/variable_public",
        what: "An environment variable in a path: %PUBLIC%",
        plant: |server| {
            server.shell(r"C:\Users\Public\w\x.aspx");
            serve(server, r"%PUBLIC%\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\Public\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/variable_temp",
        what: "An environment variable in a path: %TEMP%",
        plant: |server| {
            server.shell(r"C:\Windows\Temp\w\x.aspx");
            serve(server, r"%TEMP%\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Temp\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/variable_common_files",
        what: "An environment variable in a path: %CommonProgramFiles(x86)%",
        plant: |server| {
            server.shell(r"C:\Program Files (x86)\Common Files\w\x.aspx");
            serve(server, r"%CommonProgramFiles(x86)%\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files (x86)\Common Files\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/variable_profile",
        what: "An environment variable in a path: %USERPROFILE%",
        plant: |server| {
            server.shell(r"C:\Windows\System32\config\systemprofile\w\x.aspx");
            serve(server, r"%USERPROFILE%\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\config\systemprofile\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/old_name_of_users",
        what: "A path through a legacy folder name whose junction is missing in the copy",
        plant: |server| {
            server.shell(r"C:\Users\Public\w\x.aspx");
            serve(server, r"C:\Documents and Settings\Public\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\Public\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/old_name_of_program_data",
        what: "Another legacy folder name",
        plant: |server| {
            server.shell(r"C:\ProgramData\w\x.aspx");
            serve(server, r"C:\Users\All Users\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\ProgramData\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/sysnative",
        what: "A path for 32-bit programs (`Sysnative`)",
        plant: |server| {
            server.shell(r"C:\Windows\System32\w\x.aspx");
            serve(server, r"C:\Windows\Sysnative\w");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\w\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/kelvin_sign",
        what: "A served folder name contains the Kelvin sign instead of `k`, which NTFS distinguishes",
        plant: |server| {
            server.shell("C:\\hidden\\wor\u{212a}\\x.aspx");
            server.write(r"C:\hidden\work\readme.txt", "");
            serve(server, "C:\\hidden\\wor\u{212a}");
        },
        more: &[],
        answer: Answer::Finding {
            path: "C:\\hidden\\wor\u{212a}\\x.aspx",
            reason: "signature/china_chopper_jscript_eval_unsafe",
            level: "critical",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_short_name",
        what: "An 8.3 short name that matches no folder of the copy",
        plant: |server| serve(server, r"C:\HIDDEN~1\w"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"HIDDEN~1" },
        ordinary: Some(|server| serve(server, r"C:\Sites\gone")),
    },
    Situation {
        id: "paths/gone_variable",
        what: "An environment variable that is only defined on that server",
        plant: |server| serve(server, r"C:\%HIDE%\w"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"%HIDE%" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_whole_variable",
        what: "The same for the whole path",
        plant: |server| serve(server, r"%HIDE%\w"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"%HIDE%" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_stream",
        what: "A folder stream that is not a folder",
        plant: |server| serve(server, r"C:\inetpub:hidden\w"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"inetpub:hidden" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_device_name",
        what: "A device path without a drive",
        plant: |server| serve(server, r"\\?\GLOBALROOT\Device\HarddiskVolume2\w"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"HarddiskVolume2" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_volume",
        what: "A volume GUID path",
        plant: |server| serve(server, r"\\?\Volume{0a1b2c3d-0000-0000-0000-100000000000}\w"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"Volume{" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_share",
        what: "A share of the machine that is not a drive",
        plant: |server| serve(server, r"\\localhost\share$\w"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"localhost" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_host",
        what: "A share under a host name that may be the machine's own",
        plant: |server| serve(server, r"\\EXCH01\c$\w"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: r"EXCH01" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_temp",
        what: "An environment variable whose value differs between servers",
        plant: |server| serve(server, r"%TEMP%\gone"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"TEMP" },
        ordinary: None,
    },
    Situation {
        id: "paths/gone_dots",
        what: "Trailing dots in a name, and no folder of either name",
        plant: |server| serve(server, r"C:\Hidden.\w"),
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"Hidden" },
        ordinary: None,
    },
    Situation {
        id: "paths/file_for_a_folder",
        what: "A virtual directory points to a file",
        plant: |server| {
            server.shell(r"C:\Hidden\n.txt");
            serve(server, r"C:\Hidden\n.txt");
        },
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"is a file" },
        ordinary: None,
    },
    Situation {
        id: "paths/module_by_short_name",
        what: "A module is loaded from a path that cannot be resolved",
        plant: |server| {
            server.edit(
                APPLICATION_HOST,
                "<globalModules>",
                r#"<globalModules><add name="Odd" image="C:\HIDDEN~1\odd.dll" />"#,
            )
        },
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"HIDDEN~1" },
        ordinary: None,
    },
    Situation {
        id: "paths/logs_by_short_name",
        what: "The log folder is configured in a form that cannot be resolved",
        plant: |server| {
            server.edit(
                APPLICATION_HOST,
                r#"<site name="Default Web Site" id="1" serverAutoStart="true">"#,
                r#"<site name="Default Web Site" id="1" serverAutoStart="true"><logFile directory="C:\HIDDEN~1\logs" />"#,
            )
        },
        more: &[],
        answer: Answer::Gap { kind: "path_unresolved", words: r"HIDDEN~1" },
        ordinary: None,
    },
    Situation {
        id: "paths/stream_of_a_page",
        what: "Code in an alternate data stream of a text file that a page includes",
        plant: |server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "x.aspx", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\readme.txt",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n");
        }),
    },
    Situation {
        id: "paths/stream_named_as_of_the_system",
        what: "Code in a stream with the name of a system stream",
        plant: |server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "Zone.Identifier", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\readme.txt",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/stream_of_a_folder",
        what: "Code in a stream of a web folder",
        plant: |server| {
            stream(server, r"C:\inetpub\wwwroot", "x.aspx", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/stream_of_a_known_file",
        what: "An executable in a stream of a known-good page",
        plant: |server| {
            stream(server, &format!(r"{AUTH}\logon.aspx"), "p", b"MZ\x90\0inert");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\logon.aspx",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/unlistable_folder",
        what: "A folder on the path of a virtual directory, or a system folder, cannot be listed",
        plant: |_| (),
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/discovery.rs::folders_that_cannot_be_listed_are_gaps_and_what_lies_behind_them_is_opened",
            says: "gap `folder_unreadable`; configured paths behind it are opened directly",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/nested_mount",
        what: "Another file system is mounted inside the target",
        plant: |_| (),
        more: &[],
        answer: Answer::Elsewhere {
            test: "crates/evidence/src/directory/unix.rs::what_is_mounted_inside_a_target_is_told",
            says: "scanned as part of the target, with a notice before the run",
        },
        ordinary: None,
    },
];
