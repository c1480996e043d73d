//! Descriptions of the location and name checks.

use crate::model::CheckInfo;

/// All of them.
pub(crate) const ALL: &[&CheckInfo] = &[
    &UNKNOWN_PAGE_IN_LOGON_FOLDER,
    &PRECOMPILED_PAGE,
    &PAGE_IN_ASPNET_CLIENT,
    &SERVER_CODE_IN_STATIC_FILE,
    &OVERSIZED_PAGE,
    &PAGE_IN_OAB_FOLDER,
    &PAGE_IN_STATIC_FOLDER,
    &PAGE_IN_CODE_FOLDER,
    &PAGE_IN_DROP_FOLDER,
    &PAGE_IN_LOG_FOLDER,
    &HIDDEN_ATTRIBUTE,
    &KNOWN_PAGE_NAME_WRONG_FOLDER,
    &LOOK_ALIKE_PAGE_NAME,
    &WEB_FOLDER_LINK,
    &DOUBLE_EXTENSION,
    &DECEPTIVE_FILE_NAME,
    &RESERVED_DEVICE_NAME,
    &REACHED_THROUGH_LINK,
    &ALTERNATE_DATA_STREAM,
];

pub(crate) const UNKNOWN_PAGE_IN_LOGON_FOLDER: CheckInfo = CheckInfo {
    id: "location/unknown_page_in_logon_folder",
    title: "a page that is not part of any Exchange build, in a logon folder",
    score: 70,
    looks_for: "Pages in the logon folders of OWA and ECP whose names no Exchange build ships.",
    why: "These folders are reachable without authentication, so most webshells of 2021 were placed here.",
    benign_look_alikes: "A page added by a build after April 2021 (none is known), or an organisation's own logon \
                         page.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const PRECOMPILED_PAGE: CheckInfo = CheckInfo {
    id: "location/precompiled_page",
    title: "a precompiled page in a folder of Exchange assemblies",
    score: 55,
    looks_for: "The files that mark precompiled pages (`bin\\*.compiled`) in Exchange folders that IIS serves.",
    why: "Such a page needs no file; its URL runs a class of an assembly.",
    benign_look_alikes: "None: Exchange pages are compiled on the server, into Temporary ASP.NET Files.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_ASPNET_CLIENT: CheckInfo = CheckInfo {
    id: "location/page_in_aspnet_client",
    title: "server code in aspnet_client",
    score: 70,
    looks_for: "Server code below a folder named `aspnet_client`.",
    why: "ASP.NET keeps static client scripts there: the folder is writable, reachable and never contains a page. It \
          was the main drop folder of March 2021.",
    benign_look_alikes: "The web.config that some hosting providers put there.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const SERVER_CODE_IN_STATIC_FILE: CheckInfo = CheckInfo {
    id: "location/server_code_in_static_file",
    title: "server code in a static file",
    score: 60,
    looks_for: "Server code in files that IIS does not execute by their extension.",
    why: "A handler mapping, a rename or an include executes it.",
    benign_look_alikes: "Client-side templates in scripts and pages, which is why a code block does not count in such \
                         files, and one without any server keyword in none; skins, documentation and backup copies of \
                         pages (`.bak`, `.old`, `.txt`), which score low. What the code does is reported separately.",
    attack: &["T1505.003", "T1036.008"],
    ..CheckInfo::EMPTY
};

pub(crate) const OVERSIZED_PAGE: CheckInfo = CheckInfo {
    id: "location/oversized_page",
    title: "a page too large to be examined whole",
    score: 60,
    looks_for: "Files with a page extension that are larger than what is examined whole.",
    why: "Nobody writes pages of such a size; attackers pad files so that scanners skip them.",
    benign_look_alikes: "None found.",
    attack: &["T1505.003", "T1027.001"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_OAB_FOLDER: CheckInfo = CheckInfo {
    id: "location/page_in_oab_folder",
    title: "server code in an offline address book folder",
    score: 65,
    looks_for: "Server code in the folders of the offline address book.",
    why: "CVE-2021-26858 writes there, and the files are offered to every mailbox.",
    benign_look_alikes: "The `global.asax` of the front end, which is a default file, and that of Exchange 2010, for \
                         which no file names are known.",
    attack: &["T1505.003"],
    cves: &["CVE-2021-26858"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_STATIC_FOLDER: CheckInfo = CheckInfo {
    id: "location/page_in_static_folder",
    title: "an executable page in a static-content folder",
    score: 60,
    looks_for: "Server code in folders of images, styles, scripts and fonts, and in those named after a build.",
    why: "Nobody looks for pages there, and old build folders remain after each update.",
    benign_look_alikes: "None in Exchange; on other sites a handler that generates images or styles, which is why \
                         those score lower, and what PHP packages include.",
    attack: &["T1505.003", "T1036.005"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_CODE_FOLDER: CheckInfo = CheckInfo {
    id: "location/page_in_code_folder",
    title: "server code in an Exchange folder that contains none",
    score: 55,
    looks_for: "Server code in `bin`, `App_Code` and `App_Data` of Exchange.",
    why: "Files in App_Code are compiled into the application, and administrators look into none of these folders.",
    benign_look_alikes: "None: no build has any.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_DROP_FOLDER: CheckInfo = CheckInfo {
    id: "location/page_in_drop_folder",
    title: "a page in a drop folder",
    score: 65,
    looks_for: "Pages in folders that no site serves by default and that everyone can write to: ProgramData, \
                `Users\\Public`, PerfLogs, the recycle bin, `Windows\\Temp`, folders of IIS itself.",
    why: "A virtual directory that points there makes them reachable (as with ProxyShell), and tools are staged there.",
    benign_look_alikes: "Installers unpack web projects and samples, so that files deep in ProgramData or \
                         `Users\\Public`, or in Microsoft's own folders there, score low; an old site in inetpub, \
                         SharePoint's folders, a page that was deleted.",
    attack: &["T1505.003", "T1074.001"],
    ..CheckInfo::EMPTY
};

pub(crate) const PAGE_IN_LOG_FOLDER: CheckInfo = CheckInfo {
    id: "location/page_in_log_folder",
    title: "server code in a log folder",
    score: 65,
    looks_for: "Server code in folders of logs.",
    why: "Antivirus exclusions often cover log folders.",
    benign_look_alikes: "A log viewer placed next to the logs it shows.",
    attack: &["T1505.003", "T1564"],
    ..CheckInfo::EMPTY
};

pub(crate) const HIDDEN_ATTRIBUTE: CheckInfo = CheckInfo {
    id: "location/hidden_attribute",
    title: "server code with the attribute hidden or system",
    score: 55,
    looks_for: "Server code with the attribute hidden or system, where the source of the evidence has attributes.",
    why: "Attackers set them after the drop (`attrib +h +s`), to hide the page.",
    benign_look_alikes: "None in Exchange; old FrontPage folders are hidden, their pages are not.",
    attack: &["T1564.001"],
    ..CheckInfo::EMPTY
};

pub(crate) const KNOWN_PAGE_NAME_WRONG_FOLDER: CheckInfo = CheckInfo {
    id: "location/known_page_name_wrong_folder",
    title: "an Exchange page name in the wrong folder",
    score: 50,
    looks_for: "The file name of a default Exchange page in an Exchange folder where no build has it, and on any site \
                for the few names that only Exchange uses.",
    why: "`TimeoutLogout.aspx` in `owa\\auth` was a webshell: the name looks like a default page.",
    benign_look_alikes: "A page that a later build moved; common names are excluded.",
    attack: &["T1036.005", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const LOOK_ALIKE_PAGE_NAME: CheckInfo = CheckInfo {
    id: "location/look_alike_page_name",
    title: "a name similar to a default Exchange page",
    score: 50,
    looks_for: "Names that differ little from a default page of the same folder or of the logon folders: a letter \
                added, missing, changed or swapped, digits for letters, a number at the end, and in the logon folders \
                another suffix (`OutlookEN` for `OutlookCN`).",
    why: "Such names are chosen to be overlooked.",
    benign_look_alikes: "A page of a later build; of all default pages three pairs would look alike, none of \
                         which is in a logon folder of the front end.",
    attack: &["T1036.005", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const WEB_FOLDER_LINK: CheckInfo = CheckInfo {
    id: "location/web_folder_link",
    title: "a link in a web folder or on the path to one",
    score: 55,
    looks_for: "Junctions, mount points and symbolic links in web folders and on the path to them, and their targets.",
    why: "The target is served, but is not seen by anyone who looks through the web folder; a junction to \
          `ProgramData` or `Temp` makes a web folder of it.",
    benign_look_alikes: "`inetpub`, an installation or a large folder of a site that was moved to another volume, \
                         which is why a link alone scores low; deployment tools switch between releases with a link.",
    attack: &["T1505.003", "T1564"],
    ..CheckInfo::EMPTY
};

pub(crate) const DOUBLE_EXTENSION: CheckInfo = CheckInfo {
    id: "location/double_extension",
    title: "a page with a double extension",
    score: 45,
    looks_for: "Page extensions behind the extension of an image, document, archive or text (`photo.jpg.aspx`).",
    why: "The name looks benign in a listing, and upload filters that check the first extension accept it.",
    benign_look_alikes: "Pages that generate such files (`sitemap.xml.aspx`, `robots.txt.aspx`) are excluded.",
    attack: &["T1036.007", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const DECEPTIVE_FILE_NAME: CheckInfo = CheckInfo {
    id: "location/deceptive_file_name",
    title: "a deceptive file name",
    score: 60,
    looks_for: "Names with trailing dots or spaces, `;` or `:` after a page extension, invisible characters, or a \
                right-to-left override.",
    why: "Windows and IIS read such a name differently from people and tools.",
    benign_look_alikes: "None found for pages.",
    attack: &["T1036.002", "T1036"],
    ..CheckInfo::EMPTY
};

pub(crate) const RESERVED_DEVICE_NAME: CheckInfo = CheckInfo {
    id: "location/reserved_device_name",
    title: "a reserved DOS device name",
    score: 65,
    looks_for: "Files and folders in web folders whose name is a reserved DOS device name (`COM1`, `AUX` and others).",
    why: "Only a `\\\\?\\` path can open or delete them, so ordinary tools skip them.",
    benign_look_alikes: "None for pages; files copied from other systems, which score low.",
    attack: &["T1564", "T1505.003"],
    ..CheckInfo::EMPTY
};

pub(crate) const REACHED_THROUGH_LINK: CheckInfo = CheckInfo {
    id: "location/reached_through_link",
    title: "the file is also reached through a link",
    score: 0,
    looks_for: "Files that the web server reaches through a link as well, under another path.",
    why: "Listed with a score of 0: it explains by which URL the file is served.",
    benign_look_alikes: "Every file of a site that was moved to another volume.",
    ..CheckInfo::EMPTY
};

pub(crate) const ALTERNATE_DATA_STREAM: CheckInfo = CheckInfo {
    id: "location/alternate_data_stream",
    title: "code or data in an alternate data stream",
    score: 100,
    looks_for: "NTFS alternate data streams of examined files and web folders, scanned like files.",
    why: "Listings do not show them, and includes and interpreters can read them.",
    benign_look_alikes: "The streams of Windows and of browsers (`Zone.Identifier`) are known; other small streams of \
                         unknown type score low.",
    attack: &["T1564.004"],
    ..CheckInfo::EMPTY
};
