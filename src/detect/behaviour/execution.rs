//! Behaviours that run code or programs.

use super::Behaviour;
use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::{Constant, TaintFlags};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "runs_request_code",
        title: "runs request data as code",
        score: 95,
        what: "Request data reaches what runs text as code: `Execute`, `ExecuteGlobal` and `Eval` of VBScript, `eval` and \
               `new Function` of JScript, the evaluator of JScript.NET, a script control, a PowerShell pipeline, code that a \
               style sheet holds; `eval`, `assert`, `create_function`, `preg_replace` with the letter e, a function called \
               by a name from the request, `php://input` as an include of PHP; the script engines of Java.",
        why: "Whoever asks for the page runs what they like. This is what China Chopper and every other one-line shell is.",
        harmless: "None known. `Execute` is also the name of a method of databases and of functions that pages write \
                   themselves to run SQL, so the object is looked at, and text that begins as SQL is not taken for code; \
                   `Eval(\"column\")` of ASP.NET binds data. Template engines run conditions of a template into which a value \
                   of the request went: what stands between other text, and went through something that is not known, does \
                   not count.",
        shows: |f| f.which(&[Sink::Evaluate], |e| data(e) && !between(e) && !f.is_sql(e)),
    },
    Behaviour {
        id: "includes_request_file",
        title: "runs a file whose path comes with the request",
        score: 72,
        what: "The whole path of what PHP's `include` or `require` runs comes with the request.",
        why: "Whatever lies on the server, or on another one, runs as a part of this page: an upload, a log, an address.",
        harmless: "Old pages that choose their content so, which are open to the same. A folder of the page's own in front of \
                   it, or an extension of its own behind it, does not count.",
        shows: |f| f.which(&[Sink::Include], whole),
    },
    Behaviour {
        id: "calls_decoded_function",
        title: "calls a function whose name it decodes, with request data",
        score: 80,
        what: "The name of a function that PHP calls is made in this page by turning characters into others, or by counting \
               letters, and request data is given to it.",
        why: "There is no reason to hide the name of a function but what it does.",
        harmless: "None known.",
        shows: |f| {
            if f.is_php() {
                f.which(&[Sink::Reflect], |e| has(e, TaintFlags::BUILT) && unknown(e) && with_data(e) && !data(e))
            } else {
                Vec::new()
            }
        },
    },
    Behaviour {
        id: "runs_decoded_code",
        title: "runs code that it decodes itself",
        score: 75,
        what: "What is run as code was made in this page by turning characters into others, by cutting a long constant into \
               pieces, or by a function of a constant.",
        why: "A page has no reason to hide its own code from itself. Shells are packed so, to keep their words out of sight.",
        harmless: "Commercial pages that hide a licence check so; they are rare. Pages in Microsoft's own VBScript.Encode are \
                   decoded first and say nothing by being encoded.",
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                let made = has(e, TaintFlags::BUILT)
                    || has(e, TaintFlags::LONG) && has(e, TaintFlags::CUT)
                    || f.is_decoder_call(e);
                made && unknown(e) && !data(e) && !f.is_character(e)
            })
        },
    },
    Behaviour {
        id: "runs_pieced_code",
        title: "runs code that it puts together from pieces",
        score: 15,
        what: "What is run as code was cut out of, or replaced in, a text that is not in this page.",
        why: "A decoder whose key lies elsewhere looks like this.",
        harmless: "Template engines and content managers that keep code in a database do the same.",
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                has(e, TaintFlags::CUT) && !has(e, TaintFlags::LONG | TaintFlags::BUILT) && unknown(e) && !data(e)
            })
        },
    },
    Behaviour {
        id: "runs_fetched_code",
        title: "runs code from another computer, or from a file that request data names",
        score: 85,
        what: "What is run as code was answered by another computer, or read from a file whose name came with the request.",
        why: "The code of such a page is wherever its owner wants it to be, and nothing of it is on the server.",
        harmless: "Template engines that cut a file into pieces and run some; what was cut up does not count, nor a file below a \
                   folder of the page's own. Scripts that read JSON by `x = ` and the answer; nor does that.",
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                has(e, TaintFlags::REMOTE | TaintFlags::CHOSEN)
                    && !has(e, TaintFlags::CUT)
                    && !data(e)
                    && !f.is_object_text(e)
            })
        },
    },
    Behaviour {
        id: "runs_hidden_code",
        title: "runs a constant that is spelled to be hidden",
        score: 20,
        what: "What is run as code is a constant that is not written as one: put together from characters and pieces. Its \
               content is read as code and judged by itself.",
        why: "Nobody spells a call of eval in character codes without a reason.",
        harmless: "Content managers that spell their copyright notice so; code made by a loop.",
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                f.text(e.main.constant).is_some_and(|text| text.len() > 8) && !f.is_literal(e)
            })
        },
    },
    Behaviour {
        id: "compiles_request",
        title: "compiles request data",
        score: 92,
        what: "Request data reaches a compiler: CodeDom or Roslyn.",
        why: "It is a slow way to run what whoever asks for the page sends.",
        harmless: "None known outside of programming tutorials.",
        shows: |f| f.which(&[Sink::Compile], data),
    },
    Behaviour {
        id: "compiles_code",
        title: "compiles code while it runs",
        score: 40,
        what: "A page uses a compiler, and its source is not request data as far as could be followed.",
        why: "Shells compile what they decode. Pages are compiled by the server, and need no compiler of their own.",
        harmless: "Report and form designers of content managers, mostly in libraries and not in pages.",
        shows: |f| f.in_page(&[Sink::Compile], |e| !data(e)),
    },
    Behaviour {
        id: "runs_style_sheet",
        title: "runs the script of a style sheet that request data or the page itself brings",
        score: 80,
        what: "A style sheet that is allowed to hold script is loaded from request data, or stands in the page with its \
               script.",
        why: "Script in a style sheet is compiled and run like any other code, out of sight of whatever looks for eval.",
        harmless: "Style sheets with script lie in files of their own, which this does not look at.",
        shows: |f| {
            let carried = f.reading.flow.values.iter().any(|value| value.flags.intersects(TaintFlags::SHEET));
            // With settings: `XsltSettings.TrustedXslt` is not made, and so says nothing by itself.
            let allowed = f.any(&[Sink::AllowScript], |_| true)
                || f.any(&[Sink::Transform], |e| e.second.types.intersects(types::XSLT_SETTINGS))
                || carried;
            f.which(&[Sink::Transform], |e| {
                let sent = data(e) || with_data(e);
                sent && (allowed || own(e, types::XML_DOM)) || carried
            })
        },
    },
    Behaviour {
        id: "sheet_starts_program",
        title: "the script of a style sheet starts a program, loads one or runs text",
        score: 60,
        what: "Script in a style sheet (`msxsl:script`, in a file of its own) makes an object that starts programs, starts one, loads \
               an assembly or compiles.",
        why: "A style sheet makes markup of markup. Whoever may choose the style sheet of a page runs its script.",
        harmless: "None met; scripts of style sheets reckon with dates and texts.",
        shows: |f| {
            if !f.is_sheet() {
                return Vec::new();
            }
            let tools = types::WSH | types::SHELL_APP;
            f.which(&[Sink::Start, Sink::Load, Sink::Compile, Sink::Evaluate, Sink::Create], |e| {
                e.sink != Sink::Create || own(e, tools)
            })
        },
    },
    Behaviour {
        id: "starts_program_from_request",
        title: "starts a program that request data names",
        score: 92,
        what: "Request data reaches the start of a program: `Process.Start` and its start information, what is written into a \
               started program, `WScript.Shell`, `Shell.Application`, WMI's `Win32_Process`, `Shell` of Visual Basic, \
               functions of Windows; objects told by class, ProgID or CLSID; `system`, `exec`, `shell_exec`, `passthru`, \
               `popen`, `proc_open` and backticks of PHP; `Runtime.exec` and `ProcessBuilder` of Java.",
        why: "This is the command line of a webshell.",
        harmless: "None was seen in 6,662 pages of 21 applications. Source files that give a converter the name of a file among \
                   other arguments do not count.",
        shows: |f| {
            f.which(&[Sink::Start], |e| {
                let sent = data(e) || with_data(e) && own(e, types::PROCESS | types::SHELL_APP | types::START_INFO);
                sent && !f.is_one_argument(e)
            })
        },
    },
    Behaviour {
        id: "runs_command_by_sql",
        title: "runs a command of the database's computer by SQL",
        score: 80,
        what: "A statement of SQL calls what runs programs (`xp_cmdshell`, `sp_OACreate`), and request data is in it or names \
               the database.",
        why: "The database's account often is the system's.",
        harmless: "None was seen in 6,662 pages of 21 applications.",
        shows: |f| {
            let opens = f.any(&[Sink::SqlConnect], data);
            f.which(&[Sink::SqlRun], |e| has(e, TaintFlags::SHELL) && (data(e) || opens))
        },
    },
    Behaviour {
        id: "includes_picture",
        title: "includes a picture or an archive as a part of the page",
        score: 20,
        what: "A server-side include names a file whose kind holds no code: a picture, a sound, an archive.",
        why: "What is in that file runs as a part of this page, whatever the file is called.",
        harmless: "13 of 2,950 pages of classic ASP, all of one application.",
        shows: |f| f.includes_picture(),
    },
    Behaviour {
        id: "starts_shell",
        title: "starts a command interpreter",
        score: 40,
        what: "A page starts cmd, PowerShell or their kin with a command that is not request data as far as could be followed.",
        why: "A page has no need of a command line.",
        harmless: "Pages of administrators that call ftp or a copy program by way of cmd.",
        shows: |f| f.in_page(&[Sink::Start], |e| has(e, TaintFlags::SHELL) && !data(e)),
    },
    Behaviour {
        id: "starts_program",
        title: "starts a program",
        score: 10,
        what: "A page starts a program that is not a command interpreter.",
        why: "It is worth knowing beside other things.",
        harmless: "Pages that convert pictures or documents.",
        shows: |f| f.which(&[Sink::Start], |e| !has(e, TaintFlags::SHELL) && !data(e) && !own(e, types::PIPE)),
    },
    Behaviour {
        id: "loads_request_program",
        title: "loads request data as a program",
        score: 95,
        what: "Request data, decoded or decrypted or not, is loaded as a .NET assembly or defined as a class of Java.",
        why: "Behinder, Godzilla and their kin send their programs so; nothing of them is ever on the disk.",
        harmless: "Plug-in systems that take the name of a library of the site's own folder from the address; a name \
                   between texts of the page's own (`folder & name & \".dll\"`) does not count.",
        shows: |f| {
            // `LoadFrom(folder & name & ".dll")`: a name between texts of the page's own is one of a file, and no program. What a
            // library calls a folder is rarely known.
            let named = |e: &Event| has(e, TaintFlags::PROGRAM) && !has(e, TaintFlags::ENDS);
            let of_the_site = |e: &Event| named(e) && (!has(e, TaintFlags::LEADS) || !f.is_page());
            f.which(&[Sink::Load], |e| bytes(e) && !of_the_site(e))
        },
    },
    Behaviour {
        id: "loads_carried_program",
        title: "loads a program that it carries or decodes",
        score: 80,
        what: "What is loaded as a .NET assembly is decoded from text of the page, or changed byte by byte before.",
        why: "Libraries lie in the site's bin folder. One that lies in a page as text is there to be hidden.",
        harmless: "None known.",
        shows: |f| {
            let made = TaintFlags::BUILT | TaintFlags::DECODED | TaintFlags::BLOB | TaintFlags::LONG;
            f.in_page(&[Sink::Load], |e| has(e, made) && !bytes(e))
        },
    },
    Behaviour {
        id: "loads_unknown_program",
        title: "loads a program that is not named in the page",
        score: 60,
        what: "What is loaded as a .NET assembly is neither a constant name nor a constant path.",
        why: "The pieces may lie in a session, a database or a cookie.",
        harmless: "Plug-in systems that load every library of a folder; they are in libraries, hardly ever in a page.",
        shows: |f| {
            let made = TaintFlags::BUILT | TaintFlags::DECODED | TaintFlags::BLOB | TaintFlags::LONG;
            f.in_page(&[Sink::Load], |e| unknown(e) && !bytes(e) && !has(e, made))
        },
    },
    Behaviour {
        id: "reflects_request",
        title: "makes an object of a class that request data names",
        score: 60,
        what: "Request data is the name of a class that is looked up or made by reflection.",
        why: "With the whole of .NET to choose from that is as good as running code.",
        harmless: "Loaders of controls that take a class from a query, after looking it up in a list.",
        shows: |f| {
            f.which(&[Sink::Reflect], |e| {
                data(e) && (f.reading.callee(e).starts_with(b"createinstance") || f.reading.callee(e) == b"gettype")
            })
        },
    },
    Behaviour {
        id: "reflects_with_request",
        title: "calls by reflection what request data names, or with request data",
        score: 25,
        what: "Request data is the name of a method that is called by reflection, or is given to what is called so.",
        why: "It is how loaders call what they loaded.",
        harmless: "Handlers that choose one of their own methods by a parameter.",
        shows: |f| f.which(&[Sink::Reflect], |e| data(e) || with_data(e)),
    },
    Behaviour {
        id: "deserialises_request",
        title: "builds objects from request data",
        score: 75,
        what: "Request data is given to a formatter that builds whatever objects it describes: LosFormatter, \
               ObjectStateFormatter, BinaryFormatter, NetDataContractSerializer, SoapFormatter, XAML, JavaScriptSerializer with a \
               type resolver, or Json.NET with `TypeNameHandling`.",
        why: "A described object can run a program while it is built; with this a page of one line is a shell.",
        harmless: "Old pages that keep state in a hidden field of their own; they are open to the same.",
        shows: |f| {
            // Json.NET builds any class only where it is told to.
            let any = f.mentions(b"typenamehandling");
            f.which(&[Sink::Deserialise], |e| bytes(e) && (any || !own(e, types::JSON)))
        },
    },
    Behaviour {
        id: "creates_request_object",
        title: "makes a COM object that request data names",
        score: 35,
        what: "The ProgID or CLSID of an object comes with the request.",
        why: "Shells that hide their objects take the names from the request.",
        harmless: "Pages that tell which components a server has ask for them by name.",
        shows: |f| f.which(&[Sink::Create], data),
    },
    Behaviour {
        id: "creates_hidden_shell",
        title: "makes an object whose name is put together to be hidden",
        score: 45,
        what: "The name of an object that runs programs or writes files is put together from pieces, or taken from a list.",
        why: "There is no reason to write `WScript.Shell` in two pieces but one.",
        harmless: "Pages that once had to get past a clumsy filter of their host.",
        shows: |f| {
            let tools = types::WSH | types::SHELL_APP | types::SCRIPT_HOST;
            f.which(&[Sink::Create], |e| own(e, tools) && !data(e) && !f.is_literal(e))
        },
    },
    Behaviour {
        id: "creates_shell",
        title: "makes an object that can run programs",
        score: 25,
        what: "`WScript.Shell`, `Shell.Application` or their kin are made, by ProgID or CLSID.",
        why: "It is the first half of running a program.",
        harmless: "Pages that read an environment variable or call a converter.",
        shows: |f| {
            let tools = types::WSH | types::SHELL_APP;
            f.which(&[Sink::Create], |e| own(e, tools) && f.is_literal(e))
        },
    },
    Behaviour {
        id: "runs_request_page",
        title: "runs a page that request data names",
        score: 30,
        what: "`Server.Execute` or `Server.Transfer` get their path from the request, or an `include` of PHP the beginning of it.",
        why: "A page that was uploaded under any name can be run so, if it has a page's extension.",
        harmless: "Pages that choose their content by a parameter do this, carelessly.",
        shows: |f| {
            f.which(&[Sink::Transfer, Sink::Include], |e| {
                data(e) && has(e, TaintFlags::LEADS) && (e.sink == Sink::Include || has(e, TaintFlags::ENDS))
            })
        },
    },
    Behaviour {
        id: "calls_windows_to_run",
        title: "calls functions of Windows that run code or programs or take over another's rights",
        score: 85,
        what: "The page declares functions of Windows libraries and calls those that reserve memory for code, start threads \
               and programs, take tokens, or write into other programs; or it makes a function of a pointer.",
        why: "It is how shell code is run from a page, and how a shell gets the system's rights.",
        harmless: "None known in pages.",
        shows: |f| {
            f.in_page(&[Sink::Native, Sink::Start], |e| match e.sink {
                Sink::Native => own(e, types::MARSHAL) || NATIVE.contains(&f.reading.callee(e)),
                _ => e.receiver.is_empty() && f.reading.callee(e).starts_with(b"createprocess"),
            })
        },
    },
    Behaviour {
        id: "calls_windows",
        title: "declares functions of Windows and calls them",
        score: 45,
        what: "A page calls functions that it declares from Windows libraries.",
        why: "Pages have no need of them.",
        harmless: "Pages that read the state of a server, or log on as somebody else by `LogonUser`.",
        shows: |f| f.in_page(&[Sink::Native], |_| true),
    },
    Behaviour {
        id: "emits_program",
        title: "writes machine-independent code and calls it",
        score: 45,
        what: "A page makes a method out of instructions: `DynamicMethod`, `ILGenerator`, `SetLocalSignature`.",
        why: "It is how code is run without a word of what it does.",
        harmless: "Libraries that map objects to data; not pages.",
        shows: |f| f.in_page(&[Sink::Emit], |_| true),
    },
    Behaviour {
        id: "runs_constant_code",
        title: "runs a constant as code",
        score: 5,
        what: "What is run as code is a constant as it stands. Its content is read as code and judged by itself.",
        why: "It is worth knowing beside other things.",
        harmless: "Old pages do it for no reason.",
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
