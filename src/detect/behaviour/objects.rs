//! Behaviours of data that acts when it is read, without being code.

use super::{Behaviour, CheckInfo};
use crate::code::structure::objects::What;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/ssi_exec_command",
            title: "a server-side include executes a command",
            score: 75,
            looks_for: "`<!--#exec cmd=\"...\"-->` in a page that is processed for server-side includes.",
            why: "The command runs with each request for the page, as the application pool identity.",
            benign_look_alikes: "Counters and dates in pages from the 1990s. IIS does not execute the directive unless \
                                 it was enabled.",
            attack: &["T1505.003", "T1059.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.carried(What::Command),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/ssi_exec_cgi",
            title: "a server-side include executes a CGI executable of the site",
            score: 25,
            looks_for: "`<!--#exec cgi=\"...\"-->`.",
            why: "The executable runs with each request for the page.",
            benign_look_alikes: "Counters and guest books of old sites.",
            attack: &["T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.carried(What::Program),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/resource_deserialization_gadget",
            title: "a resource file contains a deserialization gadget",
            score: 90,
            looks_for: "A value in a `.resx` or `.resources` file that `BinaryFormatter` or `SoapFormatter` reads \
                        names a class known to execute code when deserialized: delegates, `ObjectDataProvider`, \
                        identities, data sets, workflows and others.",
            why: "ASP.NET reads resource files when it compiles the application, so the code runs without a request \
                  for any page.",
            benign_look_alikes: "None found; resources contain images, image lists and text.",
            attack: &["T1505.003", "T1027.009"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.carried(What::Gadget),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/resource_serialized_object",
            title: "a resource file contains serialized objects of unusual classes",
            score: 25,
            looks_for: "A value in a `.resx` file that `BinaryFormatter` or `SoapFormatter` reads belongs to an \
                        assembly other than those of images and windows, or is created from a file by such a class or \
                        by an absolute path.",
            why: "Reading the value creates objects of that class.",
            benign_look_alikes: "Desktop applications whose controls keep settings in resources.",
            attack: &["T1027.009"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.carried(What::Foreign),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/xaml_code_execution",
            title: "XAML markup starts a process or loads an assembly",
            score: 80,
            looks_for: "Markup (`.xaml`, `.xamlx`, `.xoml`) names a class that starts processes, loads assemblies, \
                        compiles, or reads further markup, or calls a method through `ObjectDataProvider` for anything \
                        other than the values of an enumeration.",
            why: "A XAML reader creates what is named and calls it; a workflow service does so when it is requested.",
            benign_look_alikes: "Markup of desktop windows, which no web server reads.",
            attack: &["T1505.003", "T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.carried(What::Start),
    },
];
