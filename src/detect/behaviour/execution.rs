//! Behaviours that start processes, load assemblies and create objects.

use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::{Constant, TaintFlags};
use crate::model::CheckInfo;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/command_execution",
            title: "executes a command from request input",
            score: 92,
            looks_for: "Request input reaches a process start: `Process.Start` and its start information, the standard \
                        input of a started process, `WScript.Shell`, `Shell.Application`, WMI's `Win32_Process`, \
                        `Shell` in Visual Basic, Windows API functions; objects are recognised by class, ProgID or \
                        CLSID; `system`, `exec`, `shell_exec`, `passthru`, `popen`, `proc_open` and backticks in PHP; \
                        `Runtime.exec` and `ProcessBuilder` in Java.",
            why: "This is the command prompt of a webshell.",
            benign_look_alikes: "None in 6,662 pages of 21 applications. Source files that pass a file name to a \
                                 converter as one of several arguments do not count.",
            attack: &["T1505.003", "T1059.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Start], |e| {
                let sent = data(e) || with_data(e) && own(e, types::PROCESS | types::SHELL_APP | types::START_INFO);
                sent && !f.is_one_argument(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/sql_command_execution",
            title: "executes an operating system command through SQL",
            score: 80,
            looks_for: "A SQL statement calls `xp_cmdshell` or `sp_OACreate`, and request input is part of it or \
                        selects the database.",
            why: "The database service often runs as SYSTEM.",
            benign_look_alikes: "None in 6,662 pages of 21 applications.",
            attack: &["T1505.003", "T1505.001", "T1059.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let opens = f.any(&[Sink::SqlConnect], data);
            f.which(&[Sink::SqlRun], |e| has(e, TaintFlags::SHELL) && (data(e) || opens))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/include_media_file",
            title: "includes an image or an archive as part of the page",
            score: 20,
            looks_for: "A server-side include names a file of a type that contains no code: image, audio, archive.",
            why: "The content of that file executes as part of this page, whatever its extension.",
            benign_look_alikes: "13 of 2,950 classic ASP pages, all of one application.",
            attack: &["T1505.003", "T1036.008"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.includes_picture(),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/command_interpreter",
            title: "starts a command interpreter",
            score: 40,
            looks_for: "A page starts cmd, PowerShell or a similar interpreter with a command that could not be traced \
                        to request input.",
            why: "A page does not need a command line.",
            benign_look_alikes: "Administration pages that call ftp or a copy tool through cmd.",
            attack: &["T1059.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Start], |e| has(e, TaintFlags::SHELL) && !data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/process_start",
            title: "starts a process",
            score: 10,
            looks_for: "A page starts an executable that is not a command interpreter.",
            why: "Adds context to other findings.",
            benign_look_alikes: "Pages that convert images or documents.",
            attack: &["T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Start], |e| !has(e, TaintFlags::SHELL) && !data(e) && !own(e, types::PIPE)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/assembly_load_request",
            title: "loads an assembly from request input",
            score: 95,
            looks_for: "Request input, decoded or decrypted or not, is loaded as a .NET assembly or defined as a Java \
                        class.",
            why: "Behinder, Godzilla and similar webshells receive their payloads this way; nothing of the payload is \
                  written to disk.",
            benign_look_alikes: "Plug-in systems that take the name of an assembly in the site's own folder from the \
                                 URL: a name between constant texts (`folder & name & \".dll\"`) does not count.",
            attack: &["T1505.003", "T1620"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // `LoadFrom(folder & name & ".dll")`: a name between texts of the page's own is one of a file, and no program. What a
            // library calls a folder is rarely known.
            let named = |e: &Event| has(e, TaintFlags::PROGRAM) && !has(e, TaintFlags::AT_END);
            let of_the_site = |e: &Event| named(e) && (!has(e, TaintFlags::AT_START) || !f.is_page());
            f.which(&[Sink::Load], |e| bytes(e) && !of_the_site(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/assembly_load_embedded",
            title: "loads an embedded or decoded assembly",
            score: 80,
            looks_for: "The bytes loaded as a .NET assembly are decoded from text in the page, or transformed byte by \
                        byte before loading.",
            why: "Assemblies are deployed in the bin folder. One embedded in a page as text is there to be hidden.",
            benign_look_alikes: "None known.",
            attack: &["T1505.003", "T1620", "T1027.009"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let made = TaintFlags::BUILT | TaintFlags::DECODED | TaintFlags::BLOB | TaintFlags::LONG;
            f.in_page(&[Sink::Load], |e| has(e, made) && !bytes(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/assembly_load_dynamic",
            title: "loads an assembly that the page does not name",
            score: 60,
            looks_for: "What is loaded as a .NET assembly is neither a constant name nor a constant path.",
            why: "The payload may be kept in a session, a database or a cookie.",
            benign_look_alikes: "Plug-in systems that load every assembly in a folder; these are in assemblies, \
                                 hardly ever in a page.",
            attack: &["T1620"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let made = TaintFlags::BUILT | TaintFlags::DECODED | TaintFlags::BLOB | TaintFlags::LONG;
            f.in_page(&[Sink::Load], |e| unknown(e) && !bytes(e) && !has(e, made))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/reflection_request_type",
            title: "instantiates a class named by request input",
            score: 60,
            looks_for: "Request input is the name of a class that is looked up or instantiated by reflection \
                        (CWE-470).",
            why: "With all of .NET to choose from, this is as good as code execution.",
            benign_look_alikes: "Control loaders that take a class name from the query string after checking it \
                                 against a list.",
            attack: &["T1505.003", "T1620"],
            references: &["https://cwe.mitre.org/data/definitions/470.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Reflect], |e| {
                data(e) && (f.reading.callee(e).starts_with(b"createinstance") || f.reading.callee(e) == b"gettype")
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/reflection_request_call",
            title: "calls a method by reflection with request input",
            score: 25,
            looks_for: "Request input is the name of a method called by reflection, or an argument of such a call.",
            why: "Loaders call what they loaded this way.",
            benign_look_alikes: "Handlers that select one of their own methods by a parameter.",
            attack: &["T1620"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Reflect], |e| data(e) || with_data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/unsafe_deserialization",
            title: "deserializes request input",
            score: 75,
            looks_for: "Request input reaches a formatter that creates objects of any type named in its input: LosFormatter, \
                        ObjectStateFormatter, BinaryFormatter, NetDataContractSerializer, SoapFormatter, XAML, \
                        JavaScriptSerializer with a type resolver, or Json.NET with `TypeNameHandling` (CWE-502).",
            why: "A crafted object runs code while it is deserialized, so a page of one line is a webshell.",
            benign_look_alikes: "Old pages that keep state in a hidden field; they are vulnerable to this.",
            attack: &["T1505.003", "T1190"],
            references: &["https://cwe.mitre.org/data/definitions/502.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // Json.NET builds any class only where its settings say so.
            let any = f.mentions(b"typenamehandling");
            f.which(&[Sink::Deserialise], |e| bytes(e) && (any || !own(e, types::JSON)))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/com_object_request",
            title: "creates a COM object named by request input",
            score: 35,
            looks_for: "The ProgID or CLSID of an object is request input.",
            why: "Webshells that hide which objects they use take the names from the request.",
            benign_look_alikes: "Pages that report which components are installed on a server.",
            attack: &["T1505.003", "T1559.001"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Create], data),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/com_object_obfuscated",
            title: "creates a COM object with an obfuscated name",
            score: 45,
            looks_for: "The name of an object that starts processes or writes files is assembled from pieces or taken \
                        from a list.",
            why: "Splitting `WScript.Shell` in two only serves to avoid detection.",
            benign_look_alikes: "Pages that once had to get past a keyword filter of their hosting provider.",
            attack: &["T1027", "T1559.001"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let tools = types::WSH | types::SHELL_APP | types::SCRIPT_HOST;
            f.which(&[Sink::Create], |e| own(e, tools) && !data(e) && !f.is_literal(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/com_object_shell",
            title: "creates a COM object that can start processes",
            score: 25,
            looks_for: "`WScript.Shell`, `Shell.Application` or a similar object is created, by ProgID or CLSID.",
            why: "It is the first half of running a command.",
            benign_look_alikes: "Pages that read an environment variable or call a converter.",
            attack: &["T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let tools = types::WSH | types::SHELL_APP;
            f.which(&[Sink::Create], |e| own(e, tools) && f.is_literal(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/server_execute_request",
            title: "executes a page named by request input",
            score: 30,
            looks_for: "`Server.Execute` or `Server.Transfer` takes its path from the request, or a PHP `include` the \
                        beginning of its path.",
            why: "A page that was uploaded under any name can be executed this way if it has a page extension.",
            benign_look_alikes: "Pages that carelessly select their content by a parameter.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Transfer, Sink::Include], |e| {
                data(e) && has(e, TaintFlags::AT_START) && (e.sink == Sink::Include || has(e, TaintFlags::AT_END))
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/pinvoke_code_execution",
            title: "calls native Windows functions that run code or take over privileges",
            score: 85,
            looks_for: "The page declares native functions (P/Invoke) and calls those that allocate executable memory, \
                        start threads or processes, take tokens, or write into other processes; or it turns a pointer \
                        into a function.",
            why: "This is how shellcode runs from a page and how a webshell obtains SYSTEM.",
            benign_look_alikes: "None known in pages.",
            attack: &["T1505.003", "T1106", "T1055", "T1134"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.in_page(&[Sink::Native, Sink::Start], |e| match e.sink {
                Sink::Native => own(e, types::MARSHAL) || NATIVE.contains(&f.reading.callee(e)),
                _ => e.receiver.is_empty() && f.reading.callee(e).starts_with(b"createprocess"),
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/pinvoke",
            title: "calls native Windows functions (P/Invoke)",
            score: 45,
            looks_for: "A page calls functions that it declares from Windows DLLs.",
            why: "Pages do not need them.",
            benign_look_alikes: "Pages that read the state of a server, or log on as another user with `LogonUser`.",
            attack: &["T1106"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Native], |_| true),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/reflection_emit",
            title: "emits code at run time (Reflection.Emit)",
            score: 45,
            looks_for: "A page builds a method from IL instructions: `DynamicMethod`, `ILGenerator`, \
                        `SetLocalSignature`.",
            why: "Code can run this way without a readable trace of what it does.",
            benign_look_alikes: "Object-relational mappers in assemblies; not pages.",
            attack: &["T1620"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Emit], |_| true),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_constant",
            title: "executes a constant",
            score: 5,
            looks_for: "The evaluated code is a plain constant. Its content is parsed as code and scored separately.",
            why: "Adds context to other findings.",
            benign_look_alikes: "Old pages that do it for no particular reason.",
            attack: &["T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| e.main.constant != Constant::Unknown && f.is_literal(e) && e.arguments > 1)
        },
    },
];

/// Functions of Windows that run code or programs, or take another's rights. From Microsoft's reference.
const NATIVE: &[&[u8]] = &[
    b"virtualalloc",
    b"virtualallocex",
    b"virtualprotect",
    b"createthread",
    b"createremotethread",
    b"writeprocessmemory",
    b"ntcreatethreadex",
    b"queueuserapc",
    b"rtlmovememory",
    b"heapcreate",
    b"duplicatetokenex",
    b"openprocesstoken",
    b"setthreadtoken",
    b"impersonatenamedpipeclient",
    b"openprocess",
    b"wsasocket",
    b"callwindowproc",
    b"enumwindows",
    b"callwindowproca",
    b"loadlibrary",
    b"getprocaddress",
    b"adjusttokenprivileges",
    b"minidumpwritedump",
    b"createprocesswithtokenw",
    b"createprocesswithlogonw",
];
