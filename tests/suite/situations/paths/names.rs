//! Other names of a path: short names, forms of Win32, variables, what is not there.

use super::super::{APPLICATION_HOST, Answer, Situation};
use super::serve;

pub(super) const SITUATIONS: &[Situation] = &[
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
];
