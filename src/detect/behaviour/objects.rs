//! What acts when a file is read, without being code of a language.

use super::Behaviour;
use crate::code::structure::objects::What;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "include_runs_command",
        title: "a server-side include runs a command",
        score: 75,
        what: "`<!--#exec cmd=\"...\"-->` in a page that goes through the includes of the server.",
        why: "The command runs with every request for the page, as the identity of the pool.",
        harmless: "Counters and the date in pages of the nineties. IIS has the command switched off unless somebody switches it on.",
        shows: |f| f.carried(What::Command),
    },
    Behaviour {
        id: "include_runs_program",
        title: "a server-side include runs a program of the site",
        score: 25,
        what: "`<!--#exec cgi=\"...\"-->`.",
        why: "The program runs with every request for the page.",
        harmless: "Counters and guest books of old sites.",
        shows: |f| f.carried(What::Program),
    },
    Behaviour {
        id: "resource_runs_code",
        title: "resources hold serialized objects that run programs when they are read",
        score: 90,
        what: "A value of a `.resx` or `.resources` file that `BinaryFormatter` or `SoapFormatter` reads names a class by which such \
               objects run code: delegates, `ObjectDataProvider`, identities, data sets, work flows and others.",
        why: "ASP.NET reads resources when it compiles the application, so the code runs without any page being asked for.",
        harmless: "None met; resources hold pictures, lists of pictures and texts.",
        shows: |f| f.carried(What::Gadget),
    },
    Behaviour {
        id: "resource_holds_objects",
        title: "resources hold serialized objects of foreign classes",
        score: 25,
        what: "A value of a `.resx` file that `BinaryFormatter` or `SoapFormatter` reads is of an assembly other than those of \
               pictures and windows, or is made of a file by such a class or by an absolute path.",
        why: "Reading it makes objects of that class.",
        harmless: "Programs with windows whose controls keep settings of their own in resources.",
        shows: |f| f.carried(What::Foreign),
    },
    Behaviour {
        id: "markup_runs_code",
        title: "markup of XAML starts a program or loads one",
        score: 80,
        what: "Markup (`.xaml`, `.xamlx`, `.xoml`) names a class that starts programs, loads assemblies, compiles or reads further \
               markup, or calls a method by `ObjectDataProvider`, other than for the values of an enumeration.",
        why: "A reader of XAML makes what is named and calls it; a workflow service does so when it is asked for.",
        harmless: "Markup of windows, which no web server reads.",
        shows: |f| f.carried(What::Start),
    },
];
